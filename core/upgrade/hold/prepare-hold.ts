import type { HeaderFields } from "../../net/headers.ts";
import type { Refused } from "../../request/refusal.ts";
import type { Upstreams } from "../../upstream/upstreams.ts";
import type { ServerQuestion } from "../agree-with-server.ts";
import { acceptKey } from "../handshake.ts";
import { agreeOrRefuse, type WantedHold } from "../reach-or-ask.ts";
import { responseFields } from "../server-handshake.ts";
import { heldSubprotocol } from "./held-subprotocol.ts";
import type { HeldUpgrade } from "./held-upgrade.ts";
import type { HoldRoom } from "./hold-room.ts";

/** What a client is told that is held, and how its server is asked then. */
export interface Holding extends Pick<HeldUpgrade, "hold" | "policy" | "tries" | "agree" | "place"> {
  readonly subprotocol: string;
  /** The fields of its 101. */
  readonly response: HeaderFields;
}

export interface HoldParts {
  readonly room: HoldRoom;
  readonly upstreams: Upstreams;
}

/** Nothing is compressed on either leg: what the server will agree on nobody knows. */
const NO_LEGS = { client: false, server: false };

/** Whether a client can be held as a policy wants it; if not, it gets what it would have got. */
export function prepareHold(
  question: ServerQuestion,
  { hold, policy, decision, failure, tries }: WantedHold,
  { room, upstreams }: HoldParts,
): Holding | Refused {
  const { routed, key } = question;
  const { subprotocol: decided, ...rest } = decision;
  const offered = routed.exchange.request.headers["sec-websocket-protocol"];
  const told = heldSubprotocol(hold.subprotocol ?? decided, offered, question.subprotocols);
  if ("problem" in told) return cannot(told.problem);
  const place = room.enter();
  if (place === undefined)
    return cannot(
      room.isFull
        ? "as much is kept of held clients as a worker may keep"
        : "as many clients are held as a worker may hold",
    );
  const { subprotocol } = told;
  const fields: HeaderFields = [
    ["Sec-WebSocket-Accept", acceptKey(key)],
    ...(subprotocol === "" ? [] : [["Sec-WebSocket-Protocol", subprotocol] as const]),
  ];
  const response = responseFields({ routed, decision }, fields, { header: undefined, deflate: {} });
  return {
    ...{ hold, policy, tries, subprotocol, response, place },
    agree(signal, onTry) {
      const { config } = routed.runtime;
      const compression = { ...config.compression, legs: NO_LEGS };
      const asked = {
        ...question,
        routed: { ...routed, config: { ...config, compression } },
        decision: rest,
        subprotocols: subprotocol === "" ? [] : [subprotocol],
        notes: undefined,
      };
      return agreeOrRefuse({ ...asked, signal, onTry }, upstreams);
    },
  };

  function cannot(why: string): Refused {
    return {
      refusal: { ...failure, detail: `${failure.detail}; policy "${policy}" cannot hold the client: ${why}` },
    };
  }
}
