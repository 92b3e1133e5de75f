import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";

export interface Churn {
  readonly sessions: number;
  readonly messages: number;
  /** Sessions that ended before they had all answers: their worker or its host was killed, or something is wrong. */
  readonly cut: number;
  stop(): Promise<void>;
}

const SIZES = [0, 1, 125, 126, 4_000, 65_535, 65_536, 300_000, 1_000_000] as const;
const MOST_MESSAGES = 30;
const GIVE_UP_MS = 30_000;

/** So many sessions at a time, each with some messages of all sizes, text that compresses and bytes that do not. */
export function startChurn(urls: readonly string[], atATime: number): Churn {
  let [sessions, messages, cut] = [0, 0, 0];
  let isOver = false;
  const one = async (): Promise<void> => {
    while (!isOver) {
      const isWhole = await runOne(urls[sessions++ % urls.length] as string, sessions);
      if (!isWhole && !isOver) {
        cut++;
        await delay(100);
      }
    }
  };
  const running = Array.from({ length: atATime }, one);
  return {
    get sessions() {
      return sessions;
    },
    get messages() {
      return messages;
    },
    get cut() {
      return cut;
    },
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };

  function runOne(url: string, turn: number): Promise<boolean> {
    const socket = new WebSocket(url, { perMessageDeflate: turn % 2 === 0 });
    const wanted = 1 + (turn % MOST_MESSAGES);
    let answered = 0;
    let sent: string | Buffer = "";
    const send = (): void => {
      const size = SIZES[(turn + answered) % SIZES.length] as number;
      sent = answered % 2 === 0 ? "text ".repeat(size / 5) : randomBytes(size);
      socket.send(sent);
    };
    const patience = setTimeout(() => socket.terminate(), GIVE_UP_MS);
    socket.on("error", () => {});
    socket.on("open", send);
    socket.on("message", (data: Buffer) => {
      if (!data.equals(Buffer.from(sent as string))) throw new Error(`another message came back on ${url}`);
      messages++;
      answered++;
      if (answered < wanted && !isOver) send();
      // Some go as clients do that lose their network.
      else if (turn % 5 === 0) socket.terminate();
      else socket.close(1000);
    });
    return new Promise((resolve) => {
      socket.on("close", () => {
        clearTimeout(patience);
        resolve(answered === wanted);
      });
    });
  }
}
