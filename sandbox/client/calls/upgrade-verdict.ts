import type {
  CheckedHeaderChanges,
  CheckedRejection,
  CheckedUpgradeVerdict,
} from "../../contract/verdicts.ts";
import {
  FIELD_NAME,
  FIELD_VALUE,
  MAX_FIELDS,
  MAX_FIELDS_LENGTH,
  MAX_URL_LENGTH,
  MIME_TYPE,
  REJECT_STATUS,
  TARGET_NAME,
  TOKEN,
  URL_PROTOCOLS,
} from "../../wire/fields.ts";
import { readInteger, readList, readObject, readText, readWord, wrong } from "../../wire/shapes.ts";
import { readAttributes, readNextTick, readTime } from "./verdict-parts.ts";

/** The verdict of an `upgrade` hook, made anew of what the host says: no field of it is passed on unseen. @throws HostNonsense */
export function readUpgradeVerdict(json: unknown, maxBytes: number): CheckedUpgradeVerdict {
  const { connect, reject, attributes, headers, responseHeaders, ...rest } = readObject(json, "the verdict");
  const { subprotocol, contentType, expires, renewAt, tick } = rest;
  return {
    ...(connect !== undefined && { connect: readTarget(connect) }),
    ...(reject !== undefined && { reject: readRejection(reject, maxBytes) }),
    ...(attributes !== undefined && { attributes: readAttributes(attributes) }),
    ...(headers !== undefined && { headers: readFields(headers, "`headers`") }),
    ...(responseHeaders !== undefined && {
      responseHeaders: readFields(responseHeaders, "`responseHeaders`"),
    }),
    ...(subprotocol !== undefined && { subprotocol: readWord(subprotocol, "`subprotocol`", TOKEN) }),
    ...(contentType !== undefined && { contentType: readWord(contentType, "`contentType`", MIME_TYPE) }),
    ...(expires !== undefined && { expires: readTime(expires, "`expires`") }),
    ...(renewAt !== undefined && { renewAt: readTime(renewAt, "`renewAt`") }),
    ...(tick !== undefined && { tick: readNextTick(tick) }),
  };
}

/** Of `connect`. */
export function readTarget(json: unknown): string {
  const text = readText(json, "`connect`", MAX_URL_LENGTH);
  if (TARGET_NAME.test(text)) return text;
  const url = URL.parse(text);
  if (url === null || !URL_PROTOCOLS.includes(url.protocol) || url.href !== text)
    throw wrong("`connect`", "a URL or the name of an upstream", text);
  return text;
}

export function readRejection(json: unknown, maxBytes: number): CheckedRejection {
  const { status, headers, body, contentType } = readObject(json, "`reject`");
  return {
    status: readInteger(status, "`reject.status`", REJECT_STATUS.min, REJECT_STATUS.max),
    headers: readFields(headers, "`reject.headers`"),
    body: readText(body, "`reject.body`", maxBytes),
    contentType: readWord(contentType, "`reject.contentType`", MIME_TYPE),
  };
}

function readFields(json: unknown, what: string): CheckedHeaderChanges {
  const entries = Object.entries(readObject(json, what));
  if (entries.length > MAX_FIELDS) throw wrong(what, `at most ${MAX_FIELDS} fields`, entries);
  let left = MAX_FIELDS_LENGTH;
  const spend = (text: string) => {
    left -= text.length;
    if (left < 0) throw wrong(what, `at most ${MAX_FIELDS_LENGTH} characters`, undefined);
    return text;
  };
  const readValue = (value: unknown) => spend(readWord(value, `a value of ${what}`, FIELD_VALUE));
  return Object.fromEntries(
    entries.map(([name, values]) => [
      spend(readWord(name, `a name in ${what}`, FIELD_NAME)),
      values === null
        ? null
        : readList(values, `the values of a field in ${what}`, MAX_FIELDS).map(readValue),
    ]),
  );
}
