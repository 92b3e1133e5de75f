import { freezeAll } from "../freezing.ts";
import { decodeText } from "../globals/text.ts";
import { bodyTypeOf, type GuestSeat, readContext, type WaitingCall } from "./seat.ts";

const { freeze } = Object;

/** The context of a `client` or `server` hook. One a message: nothing here may cost more than it must. */
export function messageContext(
  seat: GuestSeat,
  origin: "client" | "server",
  { body, length, sequence, time }: WaitingCall,
): object {
  const isText = typeof body === "string";
  const text = isText ? body : undefined;
  return freeze({
    content: freeze({
      body,
      type: bodyTypeOf(seat, origin, !isText).name,
      json: freeze(() => JSON.parse(text ?? decodeText(body as Uint8Array))),
    }),
    frame: freeze({ origin, opcode: isText ? "text" : "binary", length, sequence, time }),
    websock: seat.websock,
    session: seat.session,
    options: seat.options,
    log: seat.log,
    kv: seat.kv,
    secrets: seat.secrets,
  });
}

/** @param json The gateway's part: id, request, client, route, attributes. */
export function upgradeContext(seat: GuestSeat, json: string): object {
  const context = {
    ...readContext(json),
    options: seat.options,
    log: seat.log,
    kv: seat.kv,
    secrets: seat.secrets,
  };
  freezeAll(context);
  return context;
}

/** @param json The gateway's part: initiator, code, reason, duration, messages, bytes. */
export function closeContext(seat: GuestSeat, json: string): object {
  const own = JSON.parse(json);
  freezeAll(own);
  return freeze({
    ...own,
    websock: seat.websock,
    session: seat.session,
    options: seat.options,
    log: seat.log,
    kv: seat.kv,
    secrets: seat.secrets,
  });
}
