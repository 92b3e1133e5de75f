import type { CheckedHold, CheckedUnavailableVerdict } from "../../contract/verdicts.ts";
import { TOKEN } from "../../wire/fields.ts";
import { readInteger, readObject, readWord } from "../../wire/shapes.ts";
import { HOLD } from "../../wire/verdicts.ts";
import { readRejection, readTarget } from "./upgrade-verdict.ts";
import { readClose } from "./verdict-parts.ts";

/** The verdict of an `unavailable` hook, made anew of what the host says. @throws HostNonsense */
export function readUnavailableVerdict(json: unknown, maxBytes: number): CheckedUnavailableVerdict {
  const { reject, connect, hold } = readObject(json, "the verdict");
  if (reject !== undefined) return { reject: readRejection(reject, maxBytes) };
  return {
    ...(connect !== undefined && { connect: readTarget(connect) }),
    ...(hold !== undefined && { hold: readHold(hold) }),
  };
}

function readHold(json: unknown): CheckedHold {
  const { forMs, messages, bytes, subprotocol, close } = readObject(json, "`hold`");
  return {
    forMs: readInteger(forMs, "`hold.for`", 1, HOLD.for.most),
    messages: readInteger(messages, "`hold.messages`", 1, HOLD.messages.most),
    bytes: readInteger(bytes, "`hold.bytes`", 1, HOLD.bytes.most),
    ...(subprotocol !== undefined && { subprotocol: readWord(subprotocol, "`hold.subprotocol`", TOKEN) }),
    close: readClose(close),
  };
}
