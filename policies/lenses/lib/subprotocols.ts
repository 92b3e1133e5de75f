import type { Upgrade } from "framegate/policy";
import { offeredSubprotocols } from "../../standard/lib/tokens.ts";

/**
 * The hook that lets in who speaks the protocol: the server is offered the first of these subprotocols that the client offers, and
 * nothing else.
 */
export function subprotocolUpgrade<Options>(names: readonly string[]): Upgrade<Options> {
  return ({ request }) => {
    const offered = offeredSubprotocols(request);
    const subprotocol = names.find((name) => offered.includes(name));
    if (subprotocol !== undefined) return { subprotocol };
    return { reject: { status: 400, body: `offer the subprotocol ${names.join(" or ")}` } };
  };
}
