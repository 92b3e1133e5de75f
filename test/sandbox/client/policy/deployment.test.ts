import test from "ava";
import fc from "fast-check";
import {
  advanceDeployment,
  type DeploymentCommand,
  type DeploymentEvent,
  prepareDeployment,
} from "../../../../sandbox/client/policy/deployment.ts";

/** Its first instance is 1. Commands of each event in turn, as words. */
function play(...events: readonly DeploymentEvent[]): string[][] {
  let state = prepareDeployment(1);
  return events.map((event) => {
    const next = advanceDeployment(state, event);
    ({ state } = next);
    return next.commands.map(word);
  });
}

function word(command: DeploymentCommand): string {
  if ("instance" in command) return `${command.type} ${command.instance}`;
  return "reason" in command ? `${command.type} ${command.reason}` : command.type;
}

const loaded = (instance: number): DeploymentEvent => ({ type: "loaded", instance });
const failed = (instance: number): DeploymentEvent => ({ type: "failed", instance });
const tired = (instance: number, fresh: number): DeploymentEvent => ({ type: "tired", instance, fresh });
const move = (instance: number, fresh: number): DeploymentEvent => ({ type: "move", instance, fresh });
const hostLost = (instance: number): DeploymentEvent => ({ type: "host-lost", instance });
const needed = (fresh: number): DeploymentEvent => ({ type: "needed", fresh });
const reserve = (fresh: number): DeploymentEvent => ({ type: "reserve", fresh });
const withdraw: DeploymentEvent = { type: "withdraw" };
const forget: DeploymentEvent = { type: "forget" };
const lost = (instance: number, fresh: number): DeploymentEvent => ({
  ...{ type: "lost", instance, fresh },
  reason: "timeout",
});

test("a version is loaded, and forgotten", (t) => {
  t.deepEqual(play(loaded(1), forget), [[], ["retire 1"]]);
});

test("one that does not load is forgotten, and not tried again", (t) => {
  t.deepEqual(play(failed(1), needed(2)), [[], []]);
});

test("a lost instance has a fresh one in its place", (t) => {
  t.deepEqual(play(loaded(1), lost(1, 2), loaded(2)), [[], ["tell-replaced timeout", "load 2"], ["wake"]]);
});

test("after the loss of a host it is loaded when it is needed, and nobody is told that an isolate was replaced", (t) => {
  t.deepEqual(play(loaded(1), hostLost(1), needed(2), loaded(2)), [[], ["wake"], ["load 2"], ["wake"]]);
});

test("one that cannot be loaded again has none until a call needs it", (t) => {
  t.deepEqual(play(loaded(1), lost(1, 2), failed(2), needed(3), needed(4), loaded(3)), [
    [],
    ["tell-replaced timeout", "load 2"],
    ["trip", "wake"],
    ["load 3"],
    [],
    ["wake"],
  ]);
});

test("a tired instance goes on until its successor is there", (t) => {
  t.deepEqual(play(loaded(1), tired(1, 2), tired(1, 3), loaded(2), tired(1, 4)), [
    [],
    ["load 2"],
    [],
    ["retire 1", "tell-replaced memory", "wake"],
    [],
  ]);
});

test("one that moves goes on until it is there, and nobody is told that an isolate was replaced", (t) => {
  t.deepEqual(play(loaded(1), move(1, 2), move(1, 3), tired(1, 4), loaded(2)), [
    [],
    ["load 2"],
    [],
    [],
    ["retire 1", "wake"],
  ]);
  t.deepEqual(play(move(1, 2)), [[]]);
});

test("a successor that does not load changes nothing, and there may be another", (t) => {
  t.deepEqual(play(loaded(1), tired(1, 2), failed(2), tired(1, 3), loaded(3)), [
    [],
    ["load 2"],
    [],
    ["load 3"],
    ["retire 1", "tell-replaced memory", "wake"],
  ]);
});

test("a successor is not wanted when the tired one has been lost meanwhile, or the version forgotten", (t) => {
  t.deepEqual(play(loaded(1), tired(1, 2), lost(1, 3), loaded(2)).at(-1), ["retire 2"]);
  t.deepEqual(play(loaded(1), tired(1, 2), forget, loaded(2)).at(-1), ["retire 2"]);
});

test("an old instance that is lost after its successor came is not replaced", (t) => {
  t.deepEqual(play(loaded(1), tired(1, 2), loaded(2), lost(1, 3)).at(-1), []);
  t.deepEqual(play(loaded(1), forget, lost(1, 2)).at(-1), []);
});

test("a reserve serves when the host is lost, and only then", (t) => {
  t.deepEqual(play(loaded(1), reserve(2), loaded(2), lost(1, 3), loaded(3), hostLost(3)), [
    [],
    ["load-ahead 2"],
    [],
    ["tell-replaced timeout", "load 3"],
    ["wake"],
    ["wake"],
  ]);
});

test("a reserve that is still on its way serves when it is there", (t) => {
  t.deepEqual(play(loaded(1), reserve(2), hostLost(1), loaded(2)), [
    [],
    ["load-ahead 2"],
    ["wake"],
    ["wake"],
  ]);
});

test("there is one reserve, of what serves; without it, a call has to ask", (t) => {
  t.deepEqual(play(reserve(2)), [[]]);
  t.deepEqual(play(loaded(1), reserve(2), reserve(3), failed(2), reserve(4), hostLost(4), reserve(6)), [
    [],
    ["load-ahead 2"],
    [],
    [],
    ["load-ahead 4"],
    [],
    ["load-ahead 6"],
  ]);
  t.deepEqual(play(loaded(1), hostLost(1), reserve(2), needed(3), loaded(3)), [
    [],
    ["wake"],
    [],
    ["load 3"],
    ["wake"],
  ]);
});

test("a reserve retires when it is withdrawn, and with its version", (t) => {
  t.deepEqual(play(loaded(1), reserve(2), withdraw, withdraw), [[], ["load-ahead 2"], ["retire 2"], []]);
  t.deepEqual(play(loaded(1), reserve(2), forget), [[], ["load-ahead 2"], ["retire 1", "retire 2"]]);
});

test("property: in any order, it loads each number once, retires only what it loaded, and forgets for good", (t) => {
  const types = fc.constantFrom<DeploymentEvent["type"]>(
    ...(["loaded", "failed", "lost", "host-lost", "tired", "move", "needed"] as const),
    ...(["reserve", "withdraw", "forget"] as const),
  );
  const script = fc.array(fc.tuple(types, fc.nat(4)), { maxLength: 30 });
  fc.assert(
    fc.property(script, (steps) => {
      let state = prepareDeployment(1);
      const known = [1];
      const retired = new Set<number>();
      let isForgotten = false;
      for (const [index, [type, back]] of steps.entries()) {
        // One of those that it has had, most often one of the newest.
        const instance = known[Math.max(0, known.length - 1 - back)] ?? 1;
        const fresh = 100 + index;
        const next = advanceDeployment(state, { type, instance, fresh, reason: "memory" } as DeploymentEvent);
        for (const command of next.commands) {
          if (command.type === "load" || command.type === "load-ahead") {
            t.is(command.instance, fresh);
            known.push(fresh);
          } else if (command.type === "retire") {
            t.true(known.includes(command.instance));
            t.not(next.state.serving, command.instance);
            t.false(retired.has(command.instance));
            retired.add(command.instance);
          }
        }
        ({ state } = next);
        isForgotten ||= type === "forget";
        if (isForgotten) t.deepEqual([state.stage, state.serving, state.reserve], ["forgotten", 0, 0]);
        t.true(state.serving === 0 || state.serving !== state.successor);
        t.true(state.reserve === 0 || (state.reserve !== state.successor && state.reserve !== state.serving));
      }
    }),
  );
});
