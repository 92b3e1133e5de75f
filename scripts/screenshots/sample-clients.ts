/** Traders, screens with quotes and people who chat, until they are told to stop. */
import { type ClientOptions, WebSocket } from "ws";

const SYMBOLS = ["ACME", "GLOBEX", "INITECH", "UMBRELLA"];
const USERS = ["ada", "grace", "linus", "mary"];
const LINES = [
  "Anyone long in GLOBEX?",
  "Morning, all",
  "SELL EVERYTHING NOW",
  "Desk lunch at noon?",
  "free coins at example.net!",
  "/help",
  "Filled at 128.40, thanks",
  "Spread looks odd on ACME",
];

/** @returns what ends it */
export function startSampleClients(url: string): () => void {
  const sockets = new Set<WebSocket>();
  const timers = new Set<NodeJS.Timeout>();
  let count = 0;
  let isStopped = false;

  for (let index = 0; index < 10; index++) quotes(index);
  for (let index = 0; index < 6; index++) trader(index);
  for (let index = 0; index < 5; index++) chatter(index);
  every(1900, () => visitor(count++));
  return () => {
    isStopped = true;
    for (const timer of timers) clearInterval(timer);
    for (const socket of sockets) socket.terminate();
  };

  function open(path: string, address: string, options: ClientOptions = {}): WebSocket {
    const headers = { "X-Forwarded-For": address, "User-Agent": "desk/4.2", ...options.headers };
    const socket = new WebSocket(url + path, { perMessageDeflate: false, ...options, headers });
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    sockets.add(socket);
    return socket;
  }

  function quotes(index: number): void {
    open(`/quotes/${SYMBOLS[index % SYMBOLS.length]}`, `203.0.113.${40 + index}`);
  }

  function trader(index: number): void {
    const user = USERS[index % USERS.length];
    const socket = open(`/orders?user=${user}`, `198.51.100.${10 + index}`, {
      origin: "https://desk.example.com",
      headers: { Authorization: "Bearer 6fA1c9", Cookie: "desk=8e1f" },
    });
    let id = 41_000 + index * 1000;
    const timer = every(700 + index * 90, () => {
      id++;
      const quantity = id % 7 === 0 ? 2500 : 10 * (1 + (id % 17));
      const order = {
        type: "order",
        id,
        symbol: SYMBOLS[id % SYMBOLS.length],
        side: id % 2 ? "buy" : "sell",
        quantity,
      };
      say(socket, id % 9 === 0 ? { type: "heartbeat" } : order);
    });
    socket.on("close", () => {
      stop(timer);
      if (!isStopped) trader(index);
    });
  }

  function chatter(index: number): void {
    const user = USERS[(index + 1) % USERS.length];
    const socket = open(`/chat/${index % 2 ? "rates" : "lobby"}?user=${user}`, `203.0.113.${90 + index}`);
    let said = index;
    every(1500 + index * 270, () => say(socket, { text: LINES[said++ % LINES.length] }));
  }

  /** Comes, and goes again or is not let in. */
  function visitor(index: number): void {
    switch (index % 6) {
      case 0:
        return void open("/orders", "192.0.2.77", { origin: "https://desk.example.com" });
      case 1:
        return void open("/orders?user=mallory", "192.0.2.66", { origin: "https://desk.example.com" });
      case 2:
        return void open("/feed/v1", "192.0.2.12");
      case 3:
        return void open("/orders?user=ada", "192.0.2.9", { origin: "https://evil.example" });
      default: {
        const socket = open(`/quotes/${SYMBOLS[index % SYMBOLS.length]}`, `203.0.113.${120 + (index % 60)}`);
        const ends = [
          () => socket.close(1000, "screen closed"),
          () => socket.close(4000, "signed out"),
          () => socket.terminate(),
        ];
        after(3000 + (index % 5) * 400, () => ends[index % ends.length]?.());
      }
    }
  }

  function say(socket: WebSocket, message: object): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function every(ms: number, action: () => void): NodeJS.Timeout {
    const timer = setInterval(action, ms);
    timers.add(timer);
    return timer;
  }

  function after(ms: number, action: () => void): void {
    timers.add(setTimeout(action, ms));
  }

  function stop(timer: NodeJS.Timeout): void {
    clearInterval(timer);
    timers.delete(timer);
  }
}
