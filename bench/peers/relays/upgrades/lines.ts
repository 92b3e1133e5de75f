import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";

const SOCKET_FD = 3;
const LINE_END = 10;

/** A child process that is told lines of JSON over a socket pair, those of a turn in one write, and may say some. */
export class Lines {
  readonly #socket: Socket;
  #unsent = "";

  constructor(script: string, onLine: (line: string) => void) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    const child = spawn(process.execPath, ["--no-warnings", "--no-node-snapshot", file], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    this.#socket = child.stdio[SOCKET_FD] as Socket;
    followLines(this.#socket, (lines) => lines.forEach(onLine));
  }

  send(line: string): void {
    if (this.#unsent === "") setImmediate(() => this.#flush());
    this.#unsent += `${line}\n`;
  }

  #flush(): void {
    this.#socket.write(this.#unsent);
    this.#unsent = "";
  }
}

/** What the child has of it. @param onLines gives what it says to those that have come together */
export function answerLines(onLines: (lines: readonly string[]) => string): void {
  const socket = new Socket({ fd: SOCKET_FD });
  followLines(socket, (lines) => {
    const said = onLines(lines);
    if (said !== "") socket.write(said);
  });
  socket.on("error", () => {});
  socket.on("close", () => process.exit());
}

function followLines(socket: Socket, onLines: (lines: readonly string[]) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_END) + 1;
    rest = bytes.subarray(end);
    if (end > 0) onLines(bytes.toString("utf8", 0, end - 1).split("\n"));
  });
}
