import type { PolicyAlert } from "../contract/capabilities.ts";
import {
  ALERT_NAME,
  MAX_ALERT_BYTES,
  type WireFetch,
  type WireKv,
  type WireRate,
} from "../wire/ask-texts.ts";
import { HostNonsense } from "../wire/nonsense.ts";
import { readChoice, readList, readObject, readText } from "../wire/shapes.ts";
import { CapabilityError } from "./errors.ts";
import { MAX_HEADER_BYTES } from "./fetch-hop.ts";

/**
 * The texts of asks, made anew of nothing but what they may hold: they come out of the sandbox. What is none fails, as an
 * ask that is refused, and costs nobody else anything.
 */

const MAX_TEXT = 64 * 1024 * 1024;
/** Of a header: `: ` and the line's end. */
const HEADER_OVERHEAD = 4;
const REDIRECTS: readonly WireFetch["redirect"][] = ["follow", "error", "manual"];

export function readFetchAsk(json: string): WireFetch {
  return read(json, ({ url, method, headers, redirect, body }) => ({
    url: readText(url, "`url`", MAX_TEXT),
    method: readText(method, "`method`", MAX_TEXT),
    headers: readHeaders(headers),
    redirect: readChoice(redirect, "`redirect`", REDIRECTS),
    ...(body !== undefined && { body: readText(body, "`body`", MAX_TEXT) }),
  }));
}

/** Each is looked at on the worker's event loop: what is beyond the limit of all is not. */
function readHeaders(list: unknown): WireFetch["headers"] {
  let bytes = 0;
  return readList(list, "`headers`", MAX_TEXT).map((field) => {
    const pair = readList(field, "a header", 2);
    const name = readText(pair[0], "its name", MAX_TEXT);
    const value = readText(pair[1], "its value", MAX_TEXT);
    bytes += name.length + value.length + HEADER_OVERHEAD;
    if (bytes > MAX_HEADER_BYTES)
      throw new CapabilityError("RangeError", `fetch: the headers have more than ${MAX_HEADER_BYTES} bytes`);
    return [name, value];
  });
}

/** Keys, values and amounts have limits of their own, see `kv-store.ts`. */
export function readKvAsk(json: string): WireKv {
  return read(json, ({ op, key: name, value, by, expected, expires: after }) => {
    const key = readText(name, "`key`", MAX_TEXT);
    const expires = after === undefined ? {} : { expires: after as number };
    const readJson = (text: unknown) => (text === null ? null : readText(text, "a value", MAX_TEXT));
    switch (readChoice(op, "`op`", ["get", "delete", "set", "increment", "compareAndSet"] as const)) {
      case "get":
        return { op: "get", key };
      case "delete":
        return { op: "delete", key };
      case "set":
        return { op: "set", key, value: readText(value, "a value", MAX_TEXT), ...expires };
      case "increment":
        return { op: "increment", key, by: by as number, ...expires };
      case "compareAndSet":
        return { op: "compareAndSet", key, expected: readJson(expected), value: readJson(value), ...expires };
    }
  });
}

/** What the numbers may be is for `take-rate.ts` to say. */
export function readRateAsk(json: string): WireRate {
  return read(json, ({ key, limit, per, burst, onStoreLoss }) => ({
    key: readText(key, "`key`", MAX_TEXT),
    limit: limit as number,
    per: per as number,
    burst: burst as number,
    onStoreLoss: readChoice(onStoreLoss, "`onStoreLoss`", ["local", "closed", "open"] as const),
  }));
}

/** The name of a secret. */
export function readSecretAsk(json: string): string {
  return read(json, ({ name }) => readText(name, "`name`", MAX_TEXT));
}

/** The details are an object; its members are anything. */
export function readAlertAsk(json: string): Pick<PolicyAlert, "name" | "details"> {
  return read(json, ({ name, details }) => {
    const text = readText(details, "`details`", MAX_TEXT);
    if (Buffer.byteLength(text) > MAX_ALERT_BYTES)
      throw new CapabilityError(
        "RangeError",
        `alert: expected details of at most ${MAX_ALERT_BYTES} bytes of JSON`,
      );
    const known = readText(name, "`name`", MAX_TEXT);
    if (!ALERT_NAME.test(known)) throw new CapabilityError("TypeError", "alert: expected a name");
    return { name: known, details: readObject(JSON.parse(text), "`details`") };
  });
}

function read<Ask>(json: string, take: (fields: Readonly<Record<string, unknown>>) => Ask): Ask {
  try {
    return take(readObject(JSON.parse(json), "what is asked"));
  } catch (cause) {
    if (!(cause instanceof HostNonsense || cause instanceof SyntaxError)) throw cause;
    throw new CapabilityError("TypeError", "what was asked for cannot be read", { cause });
  }
}
