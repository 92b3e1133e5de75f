import type { RedisReply } from "./connection.ts";
import type { RedisAddress } from "./place.ts";

/** Which primary has which of a cluster's slots. */
export interface SlotMap {
  primaryOf(slot: number): RedisAddress | undefined;
  readonly primaries: readonly RedisAddress[];
}

const SLOTS = 16_384;

/** What is between the first `{` and the next `}` of a key, if that is anything, decides alone: the hash tag. */
export function slotOf(key: string): number {
  const bytes = Buffer.from(key);
  const open = bytes.indexOf("{");
  const close = bytes.indexOf("}", open + 1);
  return crc16(open >= 0 && close > open + 1 ? bytes.subarray(open + 1, close) : bytes) % SLOTS;
}

/** CRC-16/XMODEM, as the specification of Redis Cluster has it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

/** @param answer to CLUSTER SLOTS @param asked who has given it: a node may leave its own address out */
export function readSlots(answer: RedisReply, asked: RedisAddress): SlotMap {
  const ranges = (Array.isArray(answer) ? answer : []).map((range) => readRange(range, asked));
  if (ranges.length === 0) throw new Error("it knows of no node that has slots");
  const owners = new Array<RedisAddress | undefined>(SLOTS);
  for (const { from, to, primary } of ranges) owners.fill(primary, from, to + 1);
  return {
    primaryOf: (slot) => owners[slot],
    primaries: ranges.map(({ primary }) => primary),
  };
}

function readRange(range: RedisReply, asked: RedisAddress) {
  const [from, to, primary] = Array.isArray(range) ? range : [];
  const [host, port] = Array.isArray(primary) ? primary : [];
  if (typeof from !== "number" || typeof to !== "number" || typeof port !== "number")
    throw new Error("its answer to CLUSTER SLOTS cannot be read");
  return { from, to, primary: { host: hostOf(host, asked), port } };
}

/** @param message such as `MOVED 3999 10.0.0.1:6381` @param asked who has given it */
export function readRedirection(message: string, asked: RedisAddress): RedisAddress | undefined {
  const [, host, port] = /^(?:MOVED|ASK) \d+ (\S*):(\d+)/.exec(message) ?? [];
  return port === undefined ? undefined : { host: hostOf(host, asked), port: Number(port) };
}

function hostOf(host: unknown, asked: RedisAddress): string {
  if (typeof host === "string" && host !== "" && host !== "?") return host;
  return "host" in asked ? asked.host : "";
}
