import { encodeClose } from "../../core/wire/frame-encoder.ts";
import { openConnection } from "./connection.ts";
import { createBooks, type Load, record } from "./load.ts";

export interface UpgradeLoopOptions {
  readonly port: number;
  readonly paths: readonly string[];
  readonly atATime: number;
}

/** Connects, upgrades, closes with 1000, and once that is answered begins anew; so many at a time. */
export function startUpgradeLoop({ port, paths, atATime }: UpgradeLoopOptions): Load {
  const close = encodeClose(1000, "", () => 0x5ac3178e);
  const books = createBooks();
  let count = 0;
  let isStopped = false;
  let begun = 0;
  for (let i = 0; i < atATime; i++) void goRound();
  return books.asLoad(
    () => count,
    () => {
      isStopped = true;
    },
  );

  async function goRound(): Promise<void> {
    while (!isStopped) {
      const path = paths[begun++ % paths.length] ?? "/";
      try {
        await upgradeOnce(path);
        count++;
      } catch (error) {
        books.onFailure(error as Error);
        return;
      }
    }
  }

  async function upgradeOnce(path: string): Promise<void> {
    const start = performance.now();
    const closed = Promise.withResolvers<void>();
    // The Close that comes back ends it: that is what was asked for.
    const connection = await openConnection({ port, path }, undefined, {
      onMessages() {},
      onFailure() {},
      onClose: () => closed.resolve(),
    });
    record(books.latencies, performance.now() - start);
    connection.write(close);
    await closed.promise;
  }
}
