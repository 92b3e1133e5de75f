import { MessageInflater } from "../../core/wire/message-inflater.ts";
import type { RawFrame, RawPeer } from "../support/peers/raw-client.ts";

/** What a peer gets, as an endpoint sees it: a line for each message, control frame and Close. */
export async function readToClose(peer: RawPeer): Promise<string[]> {
  const inflater = new MessageInflater({ noContextTakeover: false, windowBits: 15 }, 2 ** 30, 0);
  const lines: string[] = [];
  let parts: RawFrame[] = [];
  for (;;) {
    const frame = await peer.next();
    const { opcode, fin, payload } = frame;
    if (opcode === 8) return [...lines, closeLine(payload)];
    if (opcode > 8) {
      lines.push(`${opcode === 9 ? "ping" : "pong"} ${payload}`);
      continue;
    }
    parts.push(frame);
    if (!fin) continue;
    lines.push(messageLine(parts, inflater));
    parts = [];
  }
}

export function closeLine(payload: Buffer): string {
  return payload.length === 0 ? "close" : `close ${payload.readUInt16BE(0)} ${payload.subarray(2)}`.trimEnd();
}

/** Text as it is, bytes by their hexadecimal form, what is long by its length and a sum. */
export function line(kind: "text" | "binary", bytes: Uint8Array | string): string {
  const body = Buffer.from(bytes as string);
  if (body.length > 200) return `${kind} of ${body.length}: ${sumOf(body)}`;
  return `${kind} ${kind === "text" ? body : body.toString("hex")}`;
}

function messageLine(parts: readonly RawFrame[], inflater: MessageInflater): string {
  const [first] = parts;
  const bytes = Buffer.concat(parts.map(({ payload }) => payload));
  const inflated = first?.rsv1 ? inflater.inflate(bytes) : { bytes };
  if ("fault" in inflated) return `unreadable: ${inflated.fault.reason}`;
  return line(first?.opcode === 1 ? "text" : "binary", inflated.bytes);
}

function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum * 31 + byte) >>> 0;
  return sum;
}
