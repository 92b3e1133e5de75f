import type { CloseVerdict } from "framegate/policy";
import { offeredSubprotocols } from "../../standard/lib/tokens.ts";
import type { Protocol, ProtocolParts } from "./protocol.ts";

/**
 * Lets in who offers one of these: the server is offered the first of them, and nothing else.
 *
 * @param close where the server has not chosen it
 */
export function agreedSubprotocol(
  names: readonly string[],
  close: CloseVerdict,
): Pick<ProtocolParts<Protocol>, "upgrade" | "subprotocol"> {
  return {
    upgrade({ request }) {
      const offered = offeredSubprotocols(request);
      const subprotocol = names.find((name) => offered.includes(name));
      if (subprotocol !== undefined) return { subprotocol };
      return { reject: { status: 400, body: `offer the subprotocol ${names.join(" or ")}` } };
    },
    subprotocol: { names, close },
  };
}
