/**
 * relay.ts PORT UPSTREAM_PORT [hook]: the least that a gateway does of an upgrade whose frames it then passes on. Node's `http` server
 * parses the request; its route is found and its handshake, Host and Origin are checked; connections are counted by route and by
 * address; the server's answer is checked; each session is in a book, has limits of time for its handshake, its silence and its
 * life, and the headers of its frames are looked at on both sides; and another process is told of those that are over, many at a time.
 * With `hook` a policy in an isolate of a third process says what is known of the client, before the server is dialled.
 */
import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { Admission, type Route } from "./admission.ts";
import { Lines } from "./lines.ts";
import { Session, type Told } from "./session.ts";
import { TimeLimits } from "./time-limits.ts";

const TELL_MS = 50;
/** Between two neighbours, or agreed on with each of them (RFC 9110, 7.6.1; RFC 6455, 11.3). */
const NOT_PASSED = new Set([
  ...["connection", "upgrade", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"],
  ...["sec-websocket-extensions", "sec-websocket-protocol"],
]);

const [port = 0, upstreamPort = 0] = process.argv.slice(2, 4).map(Number);
const admission = new Admission([
  { path: "/", upstreamPort, origins: new Set(), mostConnections: 100_000, connections: 0 },
]);
const limits = new TimeLimits();
const book = new Map<number, Session>();
const counting = new Lines("counting.ts", () => {});
const hooking = process.argv[4] === "hook" ? new Lines("hooking.ts", onVerdict) : undefined;
/** Those that the policy is asked about; it answers in their order. */
const asked = new Map<number, Upgrade>();
let ids = 0;
let answered = 0;
let told: Told[] = [];

interface Upgrade {
  readonly id: number;
  readonly request: IncomingMessage;
  readonly client: Socket;
  readonly head: Buffer;
  readonly route: Route;
  readonly address: string;
}

const server = createServer();
server.on("upgrade", (request, socket, head) => {
  const client = socket as Socket;
  const address = client.remoteAddress ?? "";
  const route = admission.admit(request, address);
  if ("status" in route) return refuse(client, route.status);
  const upgrade = { id: ids++, request, client, head, route, address };
  if (hooking === undefined) return open(upgrade);
  client.on("error", destroy);
  asked.set(upgrade.id, upgrade);
  const { method, url, rawHeaders: headers } = request;
  hooking.send(
    JSON.stringify({
      id: upgrade.id,
      route: route.path,
      client: { address },
      request: { method, url, headers },
    }),
  );
});
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));

/** What an isolate says is looked at before it is used. */
function onVerdict(line: string): void {
  const id = answered++;
  const upgrade = asked.get(id);
  if (upgrade === undefined) throw new Error("a verdict that nobody asked for");
  asked.delete(id);
  const { attributes, reject } = JSON.parse(line);
  const { client, route, address } = upgrade;
  if (reject === undefined && typeof attributes === "object" && attributes !== null)
    return open(upgrade, attributes);
  admission.leave(route, address);
  refuse(client, reject === undefined ? 500 : 403);
}

function open({ id, request, client, head, route, address }: Upgrade, attributes?: object): void {
  const target = connect({
    host: "127.0.0.1",
    port: route.upstreamPort,
    noDelay: true,
    allowHalfOpen: true,
  });
  target.write(requestFor(request), "latin1");
  const key = request.headers["sec-websocket-key"] ?? "";
  const session = new Session(
    { id, route, address, attributes, client, target, key, clock: limits, onEnd },
    head,
  );
  book.set(id, session);
  limits.add(session);
}

function onEnd(session: Session): void {
  const { id, route, address } = session.parts;
  book.delete(id);
  limits.delete(session);
  admission.leave(route, address);
  if (told.length === 0) setTimeout(tell, TELL_MS);
  told.push(session.told());
}

function tell(): void {
  counting.send(JSON.stringify(told));
  told = [];
}

function requestFor({ url, rawHeaders }: IncomingMessage): string {
  let text = `GET ${url} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    if (!NOT_PASSED.has(name.toLowerCase())) text += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  return `${text}\r\n`;
}

function refuse(client: Socket, status: number): void {
  client.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function destroy(this: Socket): void {
  this.destroy();
}
