import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { encodeFrame } from "../../core/wire/frame-encoder.ts";
import { type Connection, type ConnectionEvents, openConnection } from "./connection.ts";
import { makeMessage, USER_MEMBER } from "./message.ts";

export interface LoadOptions {
  readonly port: number;
  /** The connections are spread over them. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly messageBytes: number;
  readonly isBinary?: boolean;
  /** Whether what comes back has the member that a policy adds. */
  readonly isRewritten: boolean;
}

/** Traffic that goes on until it is stopped. */
export interface Load {
  /** What came back since the start: messages, or upgrades. */
  count(): number;
  /** Of each, in nanoseconds, since the last reset. */
  readonly latencies: RecordableHistogram;
  hasFailed(): boolean;
  /** Throws what went wrong, if anything did. */
  stop(): void;
}

/** The one message, framed and masked: with the same key each time, so that the load costs next to nothing. */
export function frameOf({ messageBytes, isBinary }: LoadOptions): Buffer {
  return encodeFrame(isBinary ? 2 : 1, Buffer.from(makeMessage(messageBytes)), () => 0x5ac3178e);
}

/** How many open at a time: not more than a backlog holds. */
const AT_A_TIME = 100;

/** Opens the connections of a load; `eventsOf` is asked for each, by its number. */
export async function openAll(
  options: LoadOptions,
  eventsOf: (index: number) => ConnectionEvents,
): Promise<readonly Connection[]> {
  const { port, paths, connections, messageBytes, isRewritten } = options;
  const expected = messageLength(messageBytes) + (isRewritten ? USER_MEMBER.length : 0);
  const opened: Connection[] = [];
  try {
    while (opened.length < connections) {
      const batch = Array.from({ length: Math.min(AT_A_TIME, connections - opened.length) }, (_, i) => {
        const index = opened.length + i;
        const path = paths[index % paths.length] ?? "/";
        return openConnection({ port, path }, expected, eventsOf(index));
      });
      const settled = await Promise.allSettled(batch);
      opened.push(...settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
      const failed = settled.find((each) => each.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  } catch (error) {
    for (const connection of opened) connection.destroy();
    throw error;
  }
  return opened;
}

function messageLength(bytes: number): number {
  return Buffer.byteLength(makeMessage(bytes));
}

/** What went wrong first, and latencies: what every load keeps. */
export function createBooks() {
  let failure: Error | undefined;
  const latencies = createHistogram({ figures: 3 });
  return {
    latencies,
    onFailure(error: Error): void {
      failure ??= error;
    },
    /** @param end whatever goes on ends */
    asLoad(count: Load["count"], end: () => void): Load {
      return {
        count,
        latencies,
        hasFailed: () => failure !== undefined,
        stop() {
          end();
          if (failure !== undefined) throw failure;
        },
      };
    },
  };
}

/** @param ms since when it has taken */
export function record(latencies: RecordableHistogram, ms: number): void {
  latencies.record(Math.max(1, Math.round(ms * 1e6)));
}
