import { base64ToBytes, bytesToBase64 } from "../lib/base64.ts";

/** A message that is held. */
export interface WindowMessage {
  readonly body: string | Uint8Array;
  /** When it came, in milliseconds since 1970. */
  readonly time: number;
  /** Its body parsed as JSON. Throws a SyntaxError where it is none. */
  json(): ReturnType<typeof JSON.parse>;
}

/** As it lies in `session`: plain data, which outlives a reload. */
interface Stored {
  readonly time: number;
  readonly text?: string;
  readonly base64?: string;
}

/** Messages that belong together, in the order in which they came. */
interface StoredWindow {
  /** Null: one that belongs to nothing, and goes out behind the others. */
  readonly key: string | null;
  readonly messages: Stored[];
}

export interface HeldWindow {
  readonly key: string | null;
  readonly messages: readonly WindowMessage[];
}

/** What is held of a direction. */
export interface WindowState {
  windows: StoredWindow[];
  /** Characters of JSON, about. */
  size: number;
}

export const nothingHeld = (): WindowState => ({ windows: [], size: 0 });

/** With what its escapes take, its key, and what is around it. */
export function heldSize(body: string | Uint8Array, key: string | null = null): number {
  const around = 64 + JSON.stringify(key).length;
  if (typeof body !== "string") return Math.ceil(body.length / 3) * 4 + around;
  return JSON.stringify(body).length + around;
}

export function holdMessage(
  state: WindowState,
  key: string | null,
  message: Omit<WindowMessage, "json">,
): void {
  const { body, time } = message;
  const stored = typeof body === "string" ? { time, text: body } : { time, base64: bytesToBase64(body) };
  const open = key === null ? undefined : state.windows.find((each) => each.key === key);
  if (open === undefined) state.windows.push({ key, messages: [stored] });
  else open.messages.push(stored);
  state.size += heldSize(body, open === undefined ? key : null);
}

/** All that is held, each window where its first message was. Nothing is held any more. */
export function takeWindows(state: WindowState): readonly HeldWindow[] {
  const taken = state.windows.map(({ key, messages }) => ({ key, messages: messages.map(read) }));
  state.windows = [];
  state.size = 0;
  return taken;
}

export function countHeld({ windows }: WindowState): number {
  return windows.reduce((sum, { messages }) => sum + messages.length, 0);
}

/** For how many milliseconds each message has been held by then. */
export function waitsUntil({ windows }: WindowState, time: number): readonly number[] {
  return windows.flatMap(({ messages }) => messages.map((message) => Math.max(0, time - message.time)));
}

/** When the one that has waited longest came; undefined when nothing is held. */
export function heldSince({ windows }: WindowState): number | undefined {
  return windows[0]?.messages[0]?.time;
}

function read({ time, text, base64 = "" }: Stored): WindowMessage {
  return {
    time,
    body: text ?? base64ToBytes(base64),
    json() {
      return JSON.parse(text ?? new TextDecoder().decode(base64ToBytes(base64)));
    },
  };
}
