import { subprotocol } from "ws";
import type { Admission } from "../config/index.ts";

/**
 * What of the client's offer the server hears of, the preferred ones first.
 *
 * @param offered the client's Sec-WebSocket-Protocol
 * @returns undefined when nothing of it changes; an empty list when none is left
 * @throws SyntaxError when the header cannot be parsed
 */
export function offerSubprotocols(
  offered: string | undefined,
  { allow, isRequired, prefer }: Admission["subprotocols"],
): readonly string[] | undefined {
  if (allow === undefined && !isRequired && prefer.length === 0) return undefined;
  if (offered === undefined) return [];
  const names = [...subprotocol.parse(offered)];
  const allowed = allow === undefined ? names : names.filter((name) => allow.includes(name));
  const first = prefer.filter((name) => allowed.includes(name));
  return [...new Set([...first, ...allowed])];
}
