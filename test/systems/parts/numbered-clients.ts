import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";

/**
 * `node numbered-clients.ts URL COUNT PERIOD`: so many clients, each of which sends 1, 2, 3, … one each period of
 * milliseconds, and is to get each back, in order and once. Whose connection ends connects again, at the time that the
 * Close names or within a second. Each SIGUSR2 has it print a `Report` in JSON; after SIGHUP nothing is sent any more.
 */
export interface Report {
  /** From 1. */
  readonly number: number;
  readonly open: number;
  /** Connections over all, those of before included. */
  readonly connections: number;
  /** Sent and not back yet, on connections that are open. */
  readonly missing: number;
  /** Messages that came twice, late, or not as they were sent, each with what was expected. */
  readonly wrong: readonly string[];
  readonly ends: readonly End[];
  /** Upgrades that were refused, by status or error. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Messages that are back. */
  readonly back: number;
  /** Open connections, by the gateway that they lead to. */
  readonly byGateway: Readonly<Record<string, number>>;
}

export interface End {
  readonly gateway: string;
  readonly code: number;
  readonly reason: string;
  /** Milliseconds since this program started. */
  readonly at: number;
}

class NumberedClient {
  #socket: WebSocket | undefined;
  gateway = "";
  #sent = 0;
  #back = 0;

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  get missing(): number {
    return this.isOpen ? this.#sent - this.#back : 0;
  }

  /** Settles when it is connected for the first time. */
  connect(url: string): Promise<void> {
    const opened = Promise.withResolvers<void>();
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    [this.#sent, this.#back] = [0, 0];
    socket.on("upgrade", ({ headers }) => {
      this.gateway = String(headers["x-gateway"]);
    });
    socket.on("unexpected-response", (_request, response) => {
      count(`status ${response.statusCode}`);
      socket.terminate();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (socket.readyState !== WebSocket.OPEN && error.code !== undefined) count(error.code);
    });
    let wasOpen = false;
    socket.on("open", () => {
      wasOpen = true;
      connections++;
      opened.resolve();
    });
    socket.on("message", (body) => {
      back++;
      this.#back++;
      if (String(body) !== String(this.#back)) wrong.push(`${body} for ${this.#back}`);
    });
    socket.on("close", (code, reason) => {
      const [, seconds] = /retry-after=([\d.]+)/.exec(String(reason)) ?? [];
      if (wasOpen) ends.push({ gateway: this.gateway, code, reason: String(reason), at: performance.now() });
      const waitMs = seconds === undefined ? Math.random() * 1000 : Number(seconds) * 1000;
      setTimeout(() => void this.connect(url).then(opened.resolve), waitMs);
    });
    return opened.promise;
  }

  send(): void {
    if (this.isOpen) this.#socket?.send(String(++this.#sent));
  }
}

const [, , url, size, period] = process.argv;
const ends: End[] = [];
const wrong: string[] = [];
const refusals: Record<string, number> = {};
let connections = 0;
let back = 0;
let isResting = false;
const clients = Array.from({ length: Number(size) }, () => new NumberedClient());

function count(what: string): void {
  refusals[what] = (refusals[what] ?? 0) + 1;
}

async function talk(client: NumberedClient, periodMs: number): Promise<void> {
  await delay(Math.random() * periodMs);
  for (;;) {
    if (!isResting) client.send();
    await delay(periodMs);
  }
}

if (url !== undefined) {
  const waiting = [...clients];
  const open = async (): Promise<void> => {
    for (let client = waiting.pop(); client !== undefined; client = waiting.pop()) {
      await client.connect(url);
      void talk(client, Number(period));
    }
  };
  await Promise.all(Array.from({ length: 20 }, open));
  process.on("SIGHUP", () => {
    isResting = true;
  });
  let number = 0;
  process.on("SIGUSR2", () => {
    const byGateway: Record<string, number> = {};
    for (const { isOpen, gateway } of clients) if (isOpen) byGateway[gateway] = (byGateway[gateway] ?? 0) + 1;
    const report: Report = {
      number: ++number,
      open: clients.filter(({ isOpen }) => isOpen).length,
      missing: clients.reduce((sum, { missing }) => sum + missing, 0),
      ...{ connections, wrong, ends, refusals, back, byGateway },
    };
    console.log(JSON.stringify(report));
  });
  console.log("ready");
}
