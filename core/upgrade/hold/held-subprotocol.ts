import { subprotocol } from "ws";

/**
 * The subprotocol that a held client is told, before its server is there: what policies have named.
 *
 * @param chosen undefined: they have named none
 * @param offered the client's Sec-WebSocket-Protocol
 * @param allowed what of it the server would hear of; undefined: all of it
 * @returns "" for none; what is wrong, worded for the policy's author
 */
export function heldSubprotocol(
  chosen: string | undefined,
  offered: string | undefined,
  allowed: readonly string[] | undefined,
): { readonly subprotocol: string } | { readonly problem: string } {
  const names = allowed ?? (offered === undefined ? [] : [...subprotocol.parse(offered)]);
  if (chosen !== undefined && !names.includes(chosen))
    return {
      problem: `expected \`hold.subprotocol\` to be one that the client offers (${list(names)}), got "${chosen}"`,
    };
  // A client that offers some and is told none gives up: browsers do.
  if (chosen === undefined && names.length > 0)
    return { problem: `expected \`hold.subprotocol\`, for the client offers ${list(names)}` };
  return { subprotocol: chosen ?? "" };
}

function list(names: readonly string[]): string {
  return names.join(", ") || "none";
}
