import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ExecutionContext } from "ava";

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const handshake = [
  "Host: test",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** A request head for an upgrade; `changes` replaces headers by name, or removes them with "". */
export function upgradeHead(
  path: string,
  changes: Readonly<Record<string, string>> = {},
  line = `GET ${path} HTTP/1.1`,
): string {
  const kept = handshake.filter((field) => !(field.slice(0, field.indexOf(":")) in changes));
  const set = Object.entries(changes).flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
  return `${[line, ...kept, ...set].join("\r\n")}\r\n\r\n`;
}

export async function openSocket(t: ExecutionContext, port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Sends these bytes on a connection of their own and reads the one answer up to its FIN. */
export async function ask(t: ExecutionContext, port: number, bytes: string): Promise<HttpAnswer> {
  const socket = await openSocket(t, port);
  socket.write(bytes);
  return readAnswer(socket);
}

export async function readAnswer(socket: Socket): Promise<HttpAnswer> {
  let text = "";
  for await (const chunk of socket) text += (chunk as Buffer).toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  const [line = "", ...fields] = text.slice(0, end).split("\r\n");
  const headers = fields.map((field): [string, string] => {
    const at = field.indexOf(":");
    return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
  });
  return { status: Number(line.split(" ")[1]), headers: new Map(headers), body: text.slice(end + 4) };
}
