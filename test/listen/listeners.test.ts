import type { Socket } from "node:net";
import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import type { openDoor } from "../../core/listen/door.ts";
import type { ListenerPlan } from "../../core/listen/listener-plan.ts";
import { createListeners } from "../../core/listen/listeners.ts";
import { at } from "../support/at.ts";

const planFor = (port: number, handshakeTimeout = "10s"): ListenerPlan => ({
  config: at(resolveConfig({ listen: [{ port, handshakeTimeout }] }, { dir: "/" }).listen, 0),
});

const caller = (name: string): Socket => ({ name }) as unknown as Socket;

/** Listeners whose entrances and doors only note what they are told. */
function noted(open: typeof openDoor) {
  const notes: string[] = [];
  let entrances = 0;
  const listeners = createListeners(() => {
    const entrance = ++entrances;
    return {
      take: (socket) => notes.push(`${(socket as unknown as { name: string }).name} by ${entrance}`),
      close: () => notes.push(`close ${entrance}`),
      cutOff() {},
    };
  }, open);
  return { listeners, notes };
}

const doorAt = (port: number) => ({ address: { host: "127.0.0.1", port }, close() {} });

test("who comes while a door is being opened finds its entrance", async (t) => {
  const { listeners, notes } = noted(async (config, take) => {
    take(caller("early"));
    await undefined;
    take(caller("soon"));
    return doorAt(config.port);
  });
  t.deepEqual(await listeners.apply([planFor(7)]), [{ host: "127.0.0.1", port: 7, tls: false }]);
  t.deepEqual(notes, ["early by 1", "soon by 1"]);
});

test("new settings are for those who come by the same door from then on", async (t) => {
  let knock = (_name: string): void => {};
  const { listeners, notes } = noted(async (config, take) => {
    knock = (name) => take(caller(name));
    return doorAt(config.port);
  });
  await listeners.apply([planFor(7)]);
  knock("first");
  await listeners.apply([planFor(7, "3s")]);
  knock("second");
  t.deepEqual(notes, ["first by 1", "close 1", "second by 2"]);
});

test("a door that cannot be opened costs its own entrance and leaves the others as they were", async (t) => {
  const { listeners, notes } = noted(async (config) => {
    if (config.port === 9) throw new Error("in use");
    return doorAt(config.port);
  });
  await listeners.apply([planFor(7)]);
  await t.throwsAsync(listeners.apply([planFor(7), planFor(8), planFor(9)]), { message: "in use" });
  t.deepEqual(notes.sort(), ["close 2", "close 3"]);
});
