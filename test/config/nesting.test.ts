import test from "ava";
import { resolveConfig, resolveRoute } from "../../core/config/index.ts";
import { findEndlessNesting } from "../../core/config/nesting.ts";
import { problemsOf } from "./problems.ts";

const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

test("a config nests as deep as anybody writes it, and not without an end", (t) => {
  t.deepEqual(findEndlessNesting(nested(100)), []);
  t.is(findEndlessNesting(nested(101)).length, 1);
  t.is(
    findEndlessNesting({ routes: [{ policies: [{ options: nested(10_000) }] }] })[0]?.path,
    "routes[0].policies[0].options",
  );
});

test("a value that stands at many places is looked at once, one that holds itself is found", (t) => {
  let shared: unknown = {};
  for (let i = 0; i < 90; i++) shared = [shared, shared];
  t.deepEqual(findEndlessNesting(shared), []);
  const own: unknown[] = [];
  own.push(own, own);
  t.is(findEndlessNesting(own).length, 1);
});

test("it is a problem of the config, and of a policy's route", (t) => {
  const options = nested(10_000);
  const route = { path: "/a", upstream: "ws://127.0.0.1:1", policies: [{ use: "a", options }] };
  const [problem] = problemsOf(t, () => resolveConfig({ routes: [route] }, { dir: "/" }));
  t.is(problem?.path, "routes[0].policies[0].options");
  t.is(
    problem?.message,
    "expected at most 100 levels of lists and objects, but it goes deeper, or holds itself",
  );
  problemsOf(t, () => resolveRoute(route, "policies/a.ts"));
});
