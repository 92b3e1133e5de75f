import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame, serverFrame } from "../../support/peers/raw-client.ts";
import { shareRelay } from "../../support/peers/relay.ts";

const rewrites =
  "export const client = ({ content }) => ({ content: { body: content.body } });\nexport const server = client;";

const relay = shareRelay(test, {
  policies: { "rewrites.ts": rewrites },
  routes: (upstream) => [{ path: "/rewrites/*", upstream, policies: ["rewrites"], closeTimeout: 0 }],
});

const connections = 4;
/** More in all than the system takes for a receiver that does not read. */
const sizes = Array.from({ length: 90 }, (_, index) => [64, 900, 5_000, 70_000, 200_000][index % 5] ?? 0);

// Each connection has a byte of its own, of which all its messages are made.
for (const mode of ["spliced", "rewrites"]) {
  for (const from of ["client", "server"] as const) {
    test.serial(
      `${mode}: whoever reads slowly or dies, the ${from}'s bytes go to its own peer only`,
      async (t) => {
        const frameOf = from === "client" ? clientFrame : serverFrame;
        const pairs = await Promise.all(
          Array.from({ length: connections }, async (_, index) => {
            const { client, server } = await relay.openRaw(t, mode);
            const [sender, receiver] = from === "client" ? [client, server] : [server, client];
            return { sender, receiver, fill: index + 1, fate: FATES[index % FATES.length] };
          }),
        );
        for (const { receiver, fate } of pairs) if (fate !== "reads") receiver.socket.pause();
        const receiveAll = async ({ receiver, fill }: (typeof pairs)[number]) => {
          for (const size of sizes) {
            const { payload } = await receiver.next();
            if (!payload.equals(Buffer.alloc(size, fill))) return `not ${size} times ${fill}`;
          }
          return "all";
        };
        const of = (wanted: string) => pairs.filter(({ fate }) => fate === wanted);
        for (const size of sizes)
          for (const { sender, fill } of pairs)
            sender.write(frameOf(OPCODE.binary, Buffer.alloc(size, fill)));

        // While what is for the others is held.
        for (const result of await Promise.all(of("reads").map(receiveAll))) t.is(result, "all");
        for (const { receiver } of of("dies")) receiver.socket.resetAndDestroy();
        for (const { receiver } of of("waits")) receiver.socket.resume();
        for (const result of await Promise.all(of("waits").map(receiveAll))) t.is(result, "all");
        for (const { sender, receiver } of pairs) {
          sender.socket.resetAndDestroy();
          receiver.socket.resetAndDestroy();
        }
      },
    );
  }
}

const FATES = ["reads", "waits", "reads", "dies"] as const;
