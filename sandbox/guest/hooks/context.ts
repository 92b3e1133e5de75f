import { freezeData, freezeDeep } from "../freezing.ts";
import { parseJson } from "../globals/json.ts";
import { decodeText } from "../globals/text.ts";
import type { JsonReader, UnreadMember } from "./json/json-reader.ts";
import { type BodyType, bodyTypeOf, type GuestSeat, readContext, type WaitingCall } from "./seat.ts";

const { freeze } = Object;

const NONE: readonly UnreadMember[] = [];

/** The context of a `client` or `server` hook. One a message: nothing here may cost more than it must. */
export function messageContext(
  seat: GuestSeat,
  origin: "client" | "server",
  call: WaitingCall,
  reader: JsonReader,
): object {
  const { body, isBinary, length, sequence, time } = call;
  const type = bodyTypeOf(seat, origin, isBinary);
  return freeze({
    content: body === undefined ? withheldContent(origin, type) : contentOf(body, type.name, call, reader),
    frame: freeze({ origin, opcode: isBinary ? "binary" : "text", length, sequence, time }),
    websock: seat.websock,
    session: seat.session,
    options: seat.options,
    log: seat.log,
    kv: seat.kv,
    rates: seat.rates,
    secrets: seat.secrets,
    alert: seat.alert,
  });
}

function contentOf(body: string | Uint8Array, type: string, call: WaitingCall, reader: JsonReader): object {
  const json =
    typeof body === "string" ? () => readText(body, call, reader) : () => JSON.parse(decodeText(body));
  return freeze({ body, type, json: freeze(json) });
}

/**
 * Once for each message members are left unread: what is looked at in one value is not seen in another's, and would leave
 * from there in a form that nobody has looked at.
 */
function readText(text: string, call: WaitingCall, reader: JsonReader): unknown {
  const isFirst = call.unread === undefined;
  call.unread = NONE;
  if (!isFirst) return parseJson(text);
  return reader.read(text, (members) => {
    call.unread = members;
  });
}

/** One object for all messages of this type. No body that looks true: whoever reads it is told, also who copies it. */
function withheldContent(origin: "client" | "server", type: BodyType): object {
  type.withheld ??= makeWithheld(origin, type.name);
  return type.withheld;
}

function makeWithheld(origin: "client" | "server", type: string): object {
  const refuse = (what: string) => {
    throw new TypeError(
      `\`content.${what}\` is not here, for \`when.${origin}.body\` is false: remove that where \`${origin}\` reads bodies (opcode and length are in \`frame\`)`,
    );
  };
  const content = {
    get body() {
      return refuse("body");
    },
    type,
    json: () => refuse("json()"),
  };
  freezeDeep(content);
  return content;
}

/** Of `upgrade` and `unavailable`. @param json The gateway's part: id, request, client, route, attributes, and of the latter `failure`. */
export function upgradeContext(seat: GuestSeat, json: string): object {
  const own = readContext(json);
  freezeData(own);
  return freeze({
    ...own,
    options: seat.options,
    log: seat.log,
    kv: seat.kv,
    rates: seat.rates,
    secrets: seat.secrets,
    alert: seat.alert,
  });
}

/** @param json The gateway's part: time and late. */
export function tickContext(seat: GuestSeat, json: string): object {
  return freeze({ ...JSON.parse(json), ...seatPart(seat) });
}

/** @param cause reason, data and time: plain data of its own */
export function renewContext(seat: GuestSeat, cause: object): object {
  freezeData(cause);
  return freeze({ ...cause, ...seatPart(seat) });
}

/** @param json The gateway's part: initiator, code, reason, duration, messages, bytes. */
export function closeContext(seat: GuestSeat, json: string): object {
  const own = JSON.parse(json);
  freezeData(own);
  return freeze({ ...own, ...seatPart(seat) });
}

function seatPart({ websock, session, options, log, kv, rates, secrets, alert }: GuestSeat): object {
  return { websock, session, options, log, kv, rates, secrets, alert };
}
