import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { openDoor } from "../../core/listen/door.ts";
import { createDoors } from "../../core/listen/doors.ts";
import { at } from "../support/at.ts";
import { planFor } from "./plans.ts";

function open(t: ExecutionContext) {
  const taken: string[] = [];
  const doors = createDoors((key, config) => {
    const take = (socket: Socket): void => {
      taken.push(key);
      socket.end("taken");
    };
    return openDoor(config, take, true);
  });
  t.teardown(() => doors.close());
  return { doors, taken };
}

async function knock(port: number): Promise<string> {
  const [bytes] = await once(connect(port, "127.0.0.1"), "data");
  return String(bytes);
}

test("a door stays open through a change of the others, and one that is not wanted any more is closed", async (t) => {
  const { doors, taken } = open(t);
  const [first, second] = await doors.apply([planFor(0), planFor(0)]);
  t.not(first?.port, second?.port);
  t.is(await knock(second!.port), "taken");
  t.deepEqual(await doors.apply([planFor(0)]), [first]);
  t.is(await knock(first!.port), "taken");
  t.is(new Set(taken).size, 2);
  await t.throwsAsync(knock(second!.port), { code: "ECONNREFUSED" });
});

test("a door that cannot be opened leaves all as it was", async (t) => {
  const { doors } = open(t);
  const [first] = await doors.apply([planFor(0)]);
  await t.throwsAsync(doors.apply([planFor(first!.port)]), { code: "EADDRINUSE" });
  t.is(await knock(first!.port), "taken");
  t.deepEqual(await doors.apply([planFor(0)]), [at([first], 0)]);
});
