import { RESULT_KIND } from "../../wire/result-record.ts";
import { MAX_BODIES_SHARE, type WireBody, type WireMessageVerdict } from "../../wire/verdicts.ts";
import { allTooLarge, BodyEncoder, JSON_BODY } from "./body-encoder.ts";
import { encodeEdit } from "./edit.ts";
import { checkTextOf, type EncodedInitiative } from "./initiative.ts";
import { type WrittenBody, writeWithExcerpts } from "./json/excerpts.ts";
import type { EncodedResult } from "./result-box.ts";
import { bodyTypeOf, type GuestSeat, type WaitingCall } from "./seat.ts";
import { checkKeys, expected, notSerialised, VerdictError } from "./verdict-error.ts";
import { checkClose, checkHeld, checkNextTick, mayCall } from "./verdict-parts.ts";

const KEYS = ["content", "drop", "reply", "append", "close", "tick", "held", "renew"];
const CONTENT_KEYS = ["body", "set", "remove"];

interface ContentVerdict {
  readonly body?: unknown;
  readonly set?: unknown;
  readonly remove?: unknown;
}

/** Checks what a `client` or `server` hook returned. Getters and Proxies of the policy's run here, inside its timeout. */
export interface MessageVerdictEncoder {
  /** @returns one object, written over for each call */
  encode(value: unknown, seat: GuestSeat, origin: "client" | "server", call: WaitingCall): EncodedResult;
  /** The next verdict has called the `renew` hook, which said this. */
  join(renewal: EncodedInitiative | undefined): void;
}

export function createMessageVerdictEncoder(maxBytes: number): MessageVerdictEncoder {
  const out: EncodedResult = { kind: RESULT_KIND.unchanged, text: "", binary: undefined };
  let joined: EncodedInitiative | undefined;

  function encode(
    value: unknown,
    seat: GuestSeat,
    origin: "client" | "server",
    call: WaitingCall,
  ): EncodedResult {
    const { isBinary } = call;
    const renewal = joined;
    joined = undefined;
    out.kind = RESULT_KIND.unchanged;
    out.text = "";
    out.binary = undefined;
    if (value === undefined || value === null) return out;
    checkKeys(value, "", isMessageKey, KEYS);
    const verdict = value as Record<string, unknown>;
    const { content, drop, reply, append, close, tick, held } = verdict;
    const bodies = new BodyEncoder(isBinary, maxBytes);
    const type = bodyTypeOf(seat, origin, isBinary);
    const isAboutMessage = reply === undefined && append === undefined && close === undefined;
    const isAlone = isAboutMessage && tick === undefined && held === undefined && renewal === undefined;
    let body: WireBody | undefined;
    let edit: string | undefined;
    let excerpts: string | undefined;
    if (content !== undefined) {
      checkKeys(content, "content", isContentKey, CONTENT_KEYS);
      const { body: own, set, remove } = content as ContentVerdict;
      if (set === undefined && remove === undefined) {
        const written = isAlone && type.isJson ? writeExcerpts(own, call, maxBytes) : undefined;
        if (written?.hasExcerpts) excerpts = written.text;
        else body = bodies.encode(written?.text ?? own, type, "content.body");
      } else if (own !== undefined) throw bothGiven();
      else edit = encodeEdit(set, remove, isBinary, maxBytes);
    }
    if (drop !== undefined && typeof drop !== "boolean") throw expected("drop", "true or false", drop);

    if (!drop && isAlone) {
      if (excerpts !== undefined) {
        out.kind = RESULT_KIND.excerpts;
        out.text = excerpts;
      } else if (body !== undefined) encodeBodyOnly(body, bodies, out);
      else if (edit !== undefined) {
        out.kind = RESULT_KIND.edit;
        out.text = edit;
      }
      return out;
    }
    const wire: { -readonly [Key in keyof WireMessageVerdict]: WireMessageVerdict[Key] } = {};
    if (body) wire.body = body;
    if (edit !== undefined && !drop) wire.edit = edit;
    if (drop) wire.drop = true;
    if (reply !== undefined) {
      // Goes the other way, and so is what the other side sends.
      const replyType = bodyTypeOf(seat, origin === "client" ? "server" : "client", isBinary);
      wire.reply = bodies.encodeList(reply, replyType, "reply");
    }
    if (append !== undefined) wire.append = bodies.encodeList(append, type, "append");
    if (close !== undefined) wire.close = checkClose(close);
    if (tick !== undefined && mayCall("tick", seat.tickHook)) wire.tick = checkNextTick(tick);
    if (held !== undefined) wire.held = checkHeld(held);
    if (renewal !== undefined) {
      wire.renewal = renewal.wire;
      bodies.follow(renewal.binary);
    }
    out.kind = RESULT_KIND.message;
    out.text = JSON.stringify(wire);
    if (renewal !== undefined) checkTextOf(out.text, maxBytes);
    else if (out.text.length > maxBytes * MAX_BODIES_SHARE) throw allTooLarge(maxBytes);
    out.binary = bodies.takeBinary();
    return out;
  }

  return {
    encode,
    join(renewal) {
      joined = renewal;
    },
  };
}

function encodeBodyOnly(body: WireBody, bodies: BodyEncoder, out: EncodedResult): void {
  if ("t" in body) {
    out.kind = RESULT_KIND.text;
    out.text = body.t;
  } else if ("u" in body) {
    out.kind = RESULT_KIND.textAsBinary;
    out.text = body.u;
  } else {
    out.kind = RESULT_KIND.binary;
    out.binary = bodies.takeBinary();
  }
}

function writeExcerpts(body: unknown, call: WaitingCall, maxBytes: number): WrittenBody | undefined {
  try {
    return writeWithExcerpts(body, call, maxBytes);
  } catch (error) {
    throw notSerialised("content.body", JSON_BODY, error);
  }
}

function isContentKey(key: string): boolean {
  return key === "body" || key === "set" || key === "remove";
}

function isMessageKey(key: string): boolean {
  return (
    key === "content" ||
    key === "drop" ||
    key === "reply" ||
    key === "append" ||
    key === "close" ||
    key === "tick" ||
    key === "held" ||
    key === "renew"
  );
}

function bothGiven(): VerdictError {
  return new VerdictError(
    "expected `content` to have either `body`, or `set` and `remove`, which change what came, got both",
  );
}
