import type { AddressInfo, Server, Socket } from "node:net";

/** One end of a relay goes with the other. */
export function endTogether(client: Socket, target: Socket): void {
  for (const [one, other] of [
    [client, target],
    [target, client],
  ] as const) {
    one.on("error", () => {});
    one.on("close", () => other.destroy());
  }
}

/**
 * Opens a relay that is a process of its own, for whoever has forked it, and until that one lets go of it.
 *
 * @param asked the process that it asks
 */
export function openForked(server: Server, asked: number | undefined): void {
  server.listen(0, "127.0.0.1", () =>
    process.send?.({ port: (server.address() as AddressInfo).port, asked }),
  );
  process.on("disconnect", () => process.exit());
}
