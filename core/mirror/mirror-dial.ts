import { randomBytes } from "node:crypto";
import type { Side } from "../../sandbox/contract/hooks.ts";
import { fieldValue, formatHead, type HeaderFields } from "../net/headers.ts";
import type { MirrorRequest } from "../upgrade/mirror-request.ts";
import { checkAnswer } from "../upgrade/server-handshake.ts";
import { openConnection } from "../upstream/connection.ts";
import type { UpstreamWays } from "../upstream/upstreams.ts";
import type { OpenMirror } from "./mirror-link.ts";

/** Shakes hands with a mirror, as a client that knows no extensions. Rejects when it cannot be had, or says anything but 101. */
export async function dialMirror(
  request: MirrorRequest,
  origin: Side,
  upstreams: UpstreamWays,
  signal: AbortSignal,
): Promise<OpenMirror> {
  const key = randomBytes(16).toString("base64");
  let fields: HeaderFields = [];
  const { dialled, target, release } = await openConnection(upstreams, {
    ...request.server(signal),
    head(to, isForeign) {
      fields = request.fields(to, { origin, key, isForeign });
      return formatHead(`GET ${to.path} HTTP/1.1`, fields);
    },
  });
  const { socket, head, rest } = dialled;
  const problem = head.status === 101 ? findProblem() : `it answered ${head.status}`;
  if (problem === undefined) return { socket, head: rest, release };
  socket.destroy();
  release();
  throw new Error(`${target.url}: ${problem}`);

  function findProblem(): string | undefined {
    const offered = fieldValue(fields, "sec-websocket-protocol");
    const accept = (answer: string | undefined) =>
      answer === undefined || answer.trim() === "" ? { header: undefined, deflate: {} } : undefined;
    const checked = checkAnswer(key, dialled, offered, { accept });
    return typeof checked === "string" ? checked : undefined;
  }
}
