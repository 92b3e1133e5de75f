import type { CloseVerdict, MessageHookContext } from "framegate/policy";
import { textOf } from "../../standard/lib/contents.ts";
import { type HeldBytes, hold, takeHeld } from "../lib/held-bytes.ts";
import { lensState } from "../lib/lens-state.ts";
import type { Dialect, ProtocolParts, SideName, Written } from "../lib/protocol.ts";
import { parseFrame, writeFrame } from "./frame-codec.ts";
import type { StompFrame, StompProtocol } from "./frame-types.ts";
import { splitFrames } from "./split.ts";

export const STOMP_FOREIGN: CloseVerdict = { code: 1002, reason: "not STOMP" };

interface State {
  /** What the server's CONNECTED says; undefined: it has not come. */
  version?: "1.1" | "1.2";
  readonly held: HeldBytes;
}

/** How both sides speak it. */
export function createStompDialects(
  sendable: Readonly<Record<SideName, readonly string[]>>,
): Pick<ProtocolParts<StompProtocol>, SideName> {
  const cameAs = new WeakMap<StompFrame, Uint8Array>();

  const dialect: Dialect<StompFrame> = {
    read(context) {
      const { content, frame } = context;
      const body = typeof content.body === "string" ? new TextEncoder().encode(content.body) : content.body;
      const state = lensState<State>(context, () => ({ held: {} }));
      const bytes = takeHeld(state.held, frame.origin, body);
      const { frames, rest } = splitFrames(bytes);
      hold(state.held, frame.origin, rest);
      const packets = frames.map((found) => {
        const packet = parseFrame(found, state.version === "1.1" ? "" : "\r") as StompFrame;
        if (!sendable[frame.origin].includes(kindOf(packet)))
          throw new Error(`${packet.command} of a ${frame.origin}`);
        if (packet.command === "CONNECTED") state.version = versionOf(packet);
        cameAs.set(packet, found.bytes);
        return packet;
      });
      return { packets, isPiece: bytes !== body || rest.length > 0 };
    },
    kindOf,
    // One in a message, as most clients and servers have it.
    write: (packets, context, asTheyCame) =>
      packets.map((packet) => {
        const came = asTheyCame.has(packet) ? cameAs.get(packet) : undefined;
        return asSent(came ?? writeFrame(packet), context);
      }),
    foreign: STOMP_FOREIGN,
  };
  // That a side sends no others, `read` sees to.
  return { client: dialect as Dialect<never>, server: dialect as Dialect<never> };
}

/** Commands are in capital letters; what is not is no kind. */
function kindOf({ command }: StompFrame): string {
  if (command === "STOMP") return "connect";
  return /^[A-Z]+$/.test(command) ? command.toLowerCase() : "";
}

/** In STOMP 1.0 the same header would say something else. */
function versionOf({ headers: { version } }: StompFrame): "1.1" | "1.2" {
  if (version === "1.1" || version === "1.2") return version;
  throw new Error(`STOMP ${version ?? "1.0"}`);
}

/** Text where the message was text, and can be. */
function asSent(written: Written, { frame }: MessageHookContext): Written {
  if (frame.opcode === "text")
    return typeof written === "string" ? written : (textOf({ body: written }) ?? written);
  return typeof written === "string" ? new TextEncoder().encode(written) : written;
}
