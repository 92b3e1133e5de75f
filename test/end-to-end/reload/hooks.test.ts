import { unlink } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { eventually } from "../../support/eventually.ts";
import { clientFrame, connectRaw, type RawPeer } from "../../support/peers/raw-client.ts";
import { askUntil, listen, type PolicySetup, startPolicies } from "../../support/policies.ts";

const mark = (hook: string, text: string) =>
  `export const ${hook} = ({ content }) => ({ content: { body: content.body + " ${text}" } });\n`;

test("a policy gains and loses hooks: each direction is spliced or inspected from its next message on", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "hooks.ts": mark("client", "c") });
  const client = await connect();
  client.send("m");
  t.is(await client.next(), "m c");
  for (const [source, expected] of [
    [mark("client", "c") + mark("server", "s"), "m c s"],
    [mark("server", "s"), "m s"],
    ["export const close = () => {};", "m"],
    [mark("client", "c2"), "m c2"],
    ["export const upgrade = () => {};", "m"],
    [mark("server", "s3"), "m s3"],
  ] as const) {
    await gateway.write("hooks.ts", source);
    t.is(await askUntil(client, "m", (answer) => answer === expected), expected);
  }
});

test('with "*" the last policy of a chain goes and comes back', async (t) => {
  const { connect, gateway } = await startPolicies(
    t,
    { "hooks.ts": mark("client", "c") },
    { route: { policies: "*" } },
  );
  const client = await connect();
  await unlink(join(gateway.dir, "hooks.ts"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m c"), "m");
  await gateway.write("hooks.ts", mark("server", "s"));
  t.is(await askUntil(client, "m", (answer) => answer !== "m"), "m s");
});

/** Reload, and see that the new version is in effect by asking on another connection. */
async function swap(
  { gateway, connect, arrived }: PolicySetup,
  source: string,
  expected: string,
): Promise<void> {
  await gateway.write("hooks.ts", source);
  const probe = await connect();
  const { next } = await arrived();
  await eventually(`the server gets ${expected}`, async () => {
    probe.send("m");
    return (await next()) === expected;
  });
}

const pieces = ["he", "l", "lo"];

/** Sends a message in three fragments with a swap before each of the later ones, then a whole one. */
async function sendAround(peer: RawPeer, swaps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    await swaps[index - 1]?.();
    const code = index === 0 ? OPCODE.text : OPCODE.continuation;
    peer.write(clientFrame(code, piece, { fin: index === pieces.length - 1 }));
  }
  peer.write(clientFrame(OPCODE.text, "next"));
}

test("a hook gained in the middle of a fragmented message: that one goes on as it began, the next is inspected", async (t) => {
  const setup = await startPolicies(t, { "hooks.ts": mark("server", "s") }, { onConnection: listen });
  const peer = await connectRaw(t, setup.gateway.port, "/");
  const server = await setup.arrived();
  await sendAround(peer, [
    () => swap(setup, mark("client", "c1"), "m c1"),
    () => swap(setup, mark("client", "c2"), "m c2"),
  ]);
  t.deepEqual(await server.take(2), ["hello", "next c2"]);
});

test("a hook lost in the middle of a fragmented message: it arrives once and whole, the next is spliced", async (t) => {
  const setup = await startPolicies(t, { "hooks.ts": mark("client", "c1") }, { onConnection: listen });
  const peer = await connectRaw(t, setup.gateway.port, "/");
  const server = await setup.arrived();
  await sendAround(peer, [
    () => swap(setup, mark("client", "c2"), "m c2"),
    () => swap(setup, mark("server", "s"), "m"),
  ]);
  t.deepEqual(await server.take(2), ["hello", "next"]);
});

test("a hook lost and gained in the middle of a fragmented message: the newest version sees it whole", async (t) => {
  const setup = await startPolicies(t, { "hooks.ts": mark("client", "c1") }, { onConnection: listen });
  const peer = await connectRaw(t, setup.gateway.port, "/");
  const server = await setup.arrived();
  await sendAround(peer, [
    () => swap(setup, mark("server", "s"), "m"),
    () => swap(setup, mark("client", "c3"), "m c3"),
  ]);
  t.deepEqual(await server.take(2), ["hello c3", "next c3"]);
});

test("the same from the server: a hook gained between fragments", async (t) => {
  const setup = await startPolicies(t, { "hooks.ts": mark("client", "c") }, { onConnection: listen });
  const client = await setup.connect();
  const { ws } = await setup.arrived();
  ws.send("hel", { fin: false });
  await swap(setup, mark("client", "c2") + mark("server", "s"), "m c2");
  ws.send("lo", { fin: true });
  ws.send("next");
  t.deepEqual(await client.take(2), ["hello", "next s"]);
});
