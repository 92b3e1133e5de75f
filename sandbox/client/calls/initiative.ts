import type { Initiative, Outcome, Renewal } from "../../contract/verdicts.ts";
import { readObject } from "../../wire/shapes.ts";
import { BodyReader } from "./body-reader.ts";
import { readAttributes, readClose, readHeld, readNextTick, readTime } from "./verdict-parts.ts";

/** The verdict of a `tick` or `renew` hook, made anew of what the host says. @throws HostNonsense */
export function readInitiative(
  json: unknown,
  binary: Uint8Array,
  maxBytes: number,
  hook: "tick" | "renew",
): Outcome {
  if (hook === "renew") return { kind: "renew", ...readRenewal(json, binary, maxBytes) };
  const { renewal, held, ...said } = readObject(json, "the verdict");
  const bodies = new BodyReader(binary, maxBytes);
  const own = { ...readSaid(said, bodies), ...(held !== undefined && { held: readHeld(held) }) };
  if (renewal !== undefined)
    return { kind: "tick", ...own, renewal: readRenewal(renewal, bodies.rest(), maxBytes) };
  bodies.end();
  return { kind: "tick", ...own };
}

/** @throws HostNonsense */
export function readRenewal(json: unknown, binary: Uint8Array, maxBytes: number): Renewal {
  const said = readObject(json, "the verdict");
  const { attributes, expires, renewAt } = said;
  const bodies = new BodyReader(binary, maxBytes);
  const own = readSaid(said, bodies);
  bodies.end();
  return {
    ...own,
    ...(attributes !== undefined && { attributes: readAttributes(attributes) }),
    ...(expires !== undefined && { expires: readTime(expires, "`expires`") }),
    ...(renewAt !== undefined && { renewAt: readTime(renewAt, "`renewAt`") }),
  };
}

function readSaid(
  { toClient, toServer, close, tick }: Readonly<Record<string, unknown>>,
  bodies: BodyReader,
): Initiative {
  return {
    // In this order lie their bytes.
    toClient: bodies.readAll(toClient, "`toClient`"),
    toServer: bodies.readAll(toServer, "`toServer`"),
    ...(close !== undefined && { close: readClose(close) }),
    ...(tick !== undefined && { tick: readNextTick(tick) }),
  };
}
