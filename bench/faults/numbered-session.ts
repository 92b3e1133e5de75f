import type { Socket } from "node:net";
import { WebSocket } from "ws";

/** A message as it comes back. The numbers beyond `n` are of a policy that counts: what it has seen of either direction. */
interface Answer {
  readonly n: number;
  readonly seen?: number;
  readonly back?: number;
  readonly version?: number;
}

export interface SessionEnd {
  readonly code: number;
  readonly reason: string;
}

/** A session that sends numbered messages all the time, and checks each that comes back. */
export interface NumberedSession {
  readonly clientPort: number;
  readonly sent: number;
  readonly answered: number;
  /** What came that was not the next; empty: all was. */
  readonly wrong: readonly string[];
  /** The newest version of the policy that has answered. */
  readonly version: number;
  /** How long the oldest message without an answer has waited. */
  readonly waitMs: number;
  /** The longest that any has waited since this was asked last. */
  takeWorst(): number;
  readonly ended: Promise<SessionEnd>;
  readonly isOpen: boolean;
  pause(): void;
  close(): void;
}

const SEND_MS = 20;
const MOST_PADDING = 1024;

/** Rejects when it is refused. */
export async function openNumbered(url: string, isCounted: boolean): Promise<NumberedSession> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const ended = new Promise<SessionEnd>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const opened = new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.on("error", () => {});
  await opened;
  const clientPort = (socket as unknown as { _socket: Socket })._socket.localPort ?? 0;
  const sentAt: number[] = [];
  const wrong: string[] = [];
  let answered = 0;
  let version = 0;
  let worst = 0;

  socket.on("message", (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    const count = isCounted ? answered + 1 : undefined;
    if (answer.n !== answered || answer.seen !== count || answer.back !== count)
      wrong.push(`${JSON.stringify({ ...answer, pad: undefined })} in place of ${answered}`);
    worst = Math.max(worst, performance.now() - (sentAt[answered] ?? 0));
    version = Math.max(version, answer.version ?? 0);
    answered++;
  });
  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return clearInterval(timer);
    socket.send(JSON.stringify({ n: sentAt.length, pad: "x".repeat((sentAt.length * 37) % MOST_PADDING) }));
    sentAt.push(performance.now());
  }, SEND_MS);

  const readWait = (): number => {
    const oldest = sentAt[answered];
    return oldest === undefined ? 0 : performance.now() - oldest;
  };
  return {
    clientPort,
    get sent() {
      return sentAt.length;
    },
    get answered() {
      return answered;
    },
    wrong,
    get version() {
      return version;
    },
    get waitMs() {
      return readWait();
    },
    takeWorst() {
      const taken = Math.max(worst, readWait());
      worst = 0;
      return taken;
    },
    ended,
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    pause: () => clearInterval(timer),
    close() {
      clearInterval(timer);
      socket.terminate();
    },
  };
}
