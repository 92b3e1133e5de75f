import type { MqttVersion } from "./packet-types.ts";

/** Of user properties, and of the topics of a SUBSCRIBE or UNSUBSCRIBE: the library would take its time for more. */
const MAX_ITEMS = 1_024;

type Size = 1 | 2 | 4 | "number" | "text" | "pair";

/** By identifier (MQTT 5, 2.2.2.2). What is binary is as long as a text. */
const sizes: ReadonlyMap<number, Size> = new Map<number, Size>([
  ...([0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a] as const).map((id) => [id, 1] as const),
  ...([0x13, 0x21, 0x22, 0x23] as const).map((id) => [id, 2] as const),
  ...([0x02, 0x11, 0x18, 0x27] as const).map((id) => [id, 4] as const),
  ...([0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1a, 0x1c, 0x1f] as const).map((id) => [id, "text"] as const),
  [0x0b, "number"],
  [0x26, "pair"],
]);
const SUBSCRIPTION_IDENTIFIER = 0x0b;
const USER_PROPERTY = 0x26;
const OF_WILL = [0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26];
const REASON = [0x1f, 0x26];

interface Layout {
  /** The identifiers of the properties that it may have. */
  readonly properties: readonly number[];
  /** Where these are. */
  at(body: Uint8Array, flags: number): number;
  /** What comes behind them. */
  readonly rest: "none" | "payload" | "topics" | "filters" | "codes" | "connect";
}

const behindId = () => 2;
const acknowledgement: Layout = { properties: REASON, at: () => 3, rest: "none" };

/** By the type of packet (MQTT 5, 2.1.2). */
const layouts: Readonly<Record<number, Layout>> = {
  1: {
    properties: [0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27],
    at: (body) => textEnd(body, 0) + 4,
    rest: "connect",
  },
  2: {
    properties: [
      0x11, 0x12, 0x13, 0x15, 0x16, 0x1a, 0x1c, 0x1f, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a,
    ],
    at: behindId,
    rest: "none",
  },
  3: {
    properties: [0x01, 0x02, 0x03, 0x08, 0x09, 0x0b, 0x23, 0x26],
    at: (body, flags) => textEnd(body, 0) + ((flags & 6) === 0 ? 0 : 2),
    rest: "payload",
  },
  4: acknowledgement,
  5: acknowledgement,
  6: acknowledgement,
  7: acknowledgement,
  8: { properties: [0x0b, 0x26], at: behindId, rest: "filters" },
  9: { properties: REASON, at: behindId, rest: "codes" },
  10: { properties: [0x26], at: behindId, rest: "topics" },
  11: { properties: REASON, at: behindId, rest: "codes" },
  14: { properties: [0x11, 0x1c, 0x1f, 0x26], at: () => 1, rest: "none" },
  15: { properties: [0x15, 0x16, 0x1f, 0x26], at: () => 1, rest: "none" },
};

/** Throws at what the library does not look at: how many there are, and which properties, how often and up to where. */
export function requireLayout(packet: Uint8Array, version: MqttVersion): void {
  const [first = 0] = packet;
  const layout = layouts[first >> 4];
  if (layout === undefined) return;
  const body = packet.subarray(readNumber(packet, 1).end);
  const isConnect = layout.rest === "connect";
  const hasProperties = (isConnect ? body[textEnd(body, 0)] : version) === 5;
  if (!isConnect && !hasProperties && layout.rest !== "filters" && layout.rest !== "topics") return;
  const at = layout.at(body, first & 15);
  // Those that end before them have none.
  if (layout.rest === "none" && body.length <= at) return;
  let end = hasProperties ? propertiesEnd(body, at, layout.properties) : at;
  if (isConnect) {
    const hasWill = ((body[textEnd(body, 0) + 1] ?? 0) & 4) !== 0;
    if (hasWill && hasProperties) propertiesEnd(body, textEnd(body, end), OF_WILL);
    return;
  }
  if (layout.rest === "filters" || layout.rest === "topics") {
    const behind = layout.rest === "filters" ? 1 : 0;
    for (let count = 1; end < body.length; count++) {
      if (count > MAX_ITEMS) throw new RangeError(`more than ${MAX_ITEMS} topics`);
      end = textEnd(body, end) + behind;
    }
  }
  if (layout.rest !== "payload" && layout.rest !== "codes" && end !== body.length)
    throw new Error("a packet that is not as long as it says");
}

function propertiesEnd(body: Uint8Array, from: number, allowed: readonly number[]): number {
  const { value: length, end: start } = readNumber(body, from);
  const end = start + length;
  const seen = new Set<number>();
  let users = 0;
  for (let at = start; at < end; ) {
    const id = body[at] as number;
    const size = allowed.includes(id) ? sizes.get(id) : undefined;
    if (size === undefined) throw new Error("a property that the packet does not have");
    if (id === USER_PROPERTY) users++;
    else if (seen.has(id) && id !== SUBSCRIPTION_IDENTIFIER) throw new Error("a property that comes twice");
    if (users > MAX_ITEMS) throw new RangeError(`more than ${MAX_ITEMS} user properties`);
    seen.add(id);
    at = valueEnd(body, at + 1, size);
    if (at > end) throw new Error("a property that goes beyond the properties");
  }
  if (end > body.length) throw new Error("properties that go beyond the packet");
  return end;
}

function valueEnd(body: Uint8Array, at: number, size: Size): number {
  if (size === "number") return readNumber(body, at).end;
  if (size === "text") return textEnd(body, at);
  if (size === "pair") return textEnd(body, textEnd(body, at));
  return at + size;
}

function textEnd(body: Uint8Array, at: number): number {
  return at + 2 + (body[at] ?? 0) * 256 + (body[at + 1] ?? 0);
}

/** Of up to four bytes. */
function readNumber(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 0x80 ** i;
    if (byte < 0x80) return { value, end: from + i + 1 };
  }
  throw new Error("a number that does not end");
}
