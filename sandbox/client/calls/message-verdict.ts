import type { Payload } from "../../contract/hooks.ts";
import type { Aside, Outcome } from "../../contract/verdicts.ts";
import { readObject, readText, wrong } from "../../wire/shapes.ts";
import { BodyReader } from "./body-reader.ts";
import { type Edited, editMessage } from "./edited-message.ts";
import { readRenewal } from "./initiative.ts";
import { readClose, readHeld, readNextTick } from "./verdict-parts.ts";

const NONE: readonly Payload[] = [];
const DROP: Outcome = { kind: "message", drop: true, reply: NONE, append: NONE };

/**
 * The verdict of a `client` or `server` hook, made anew of what the host says.
 *
 * @throws HostNonsense, EditRefused
 */
export function readMessageVerdict(
  json: unknown,
  binary: Uint8Array,
  maxBytes: number,
  call: Edited,
): Outcome {
  const { body, edit, drop, reply, append, close, held, ...rest } = readObject(json, "the verdict");
  if (edit !== undefined && (body !== undefined || drop)) throw wrong("`edit`", "alone", edit);
  if (drop !== undefined && drop !== true) throw wrong("`drop`", "true or absent", drop);
  const isDropOnly = drop && body === undefined && reply === undefined && append === undefined;
  const isAlone = close === undefined && rest.tick === undefined && rest.renewal === undefined;
  if (isDropOnly && isAlone && held === undefined) return DROP;
  const bodies = new BodyReader(binary, maxBytes);
  // In this order lie their bytes.
  const first = body === undefined ? {} : { body: bodies.read(body) };
  const others = { reply: bodies.readAll(reply, "`reply`"), append: bodies.readAll(append, "`append`") };
  const aside = readAside(rest, bodies, maxBytes);
  const edited = edit === undefined ? undefined : readEdit(edit, call, maxBytes);
  // A message of which nothing changes goes on as it came; with a close only when the verdict says what is to go on.
  const changed = edited && (edited !== call.payload || close !== undefined) ? { body: edited } : {};
  const end = close === undefined ? {} : { close: readClose(close) };
  const waited = held === undefined ? {} : { held: readHeld(held) };
  return {
    kind: "message",
    drop: drop === true,
    ...first,
    ...changed,
    ...others,
    ...end,
    ...waited,
    ...aside,
  };
}

function readAside(
  { tick, renewal }: Readonly<Record<string, unknown>>,
  bodies: BodyReader,
  maxBytes: number,
): { readonly aside?: Aside } {
  if (renewal === undefined) bodies.end();
  if (tick === undefined && renewal === undefined) return {};
  return {
    aside: {
      ...(tick !== undefined && { tick: readNextTick(tick) }),
      ...(renewal !== undefined && { renewal: readRenewal(renewal, bodies.rest(), maxBytes) }),
    },
  };
}

function readEdit(json: unknown, call: Edited, maxBytes: number): Payload {
  return editMessage(call, Buffer.from(readText(json, "`edit`", maxBytes)), maxBytes);
}
