import type { Payload } from "../../../../sandbox/contract/hooks.ts";
import type { RequestContext } from "../../../../sandbox/contract.ts";
import { describeRequest } from "../../../request/request-context.ts";
import type { FrameRecord, PayloadView, TrafficRecord, UpgradeRecord } from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";

/** What is known of the connection that a policy is told of. */
export interface RecordedConnection {
  readonly context: RequestContext;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly subprotocol: string;
  readonly server: string;
  /** What could not be had of it. */
  readonly notes: readonly string[];
}

/** As far as it was kept, and with its secrets hidden. @param route its path, for who has no record @param record of its session */
export async function readConnection(
  traffic: Pick<TrafficStore, "query">,
  { path, record }: { readonly path: string; readonly record: TrafficRecord | undefined },
): Promise<RecordedConnection> {
  if (record === undefined) return { ...connectionOf(undefined, path), notes: [] };
  const { session, seq } = record;
  const upgrades = await traffic.query({ session, kind: "upgrade", limit: 1 });
  const [upgrade] = upgrades.records.filter((each) => each.kind === "upgrade");
  if (upgrade === undefined)
    return {
      ...connectionOf(undefined, path),
      notes: [
        "The request of its session is not kept: the policy was told of one without headers and attributes.",
      ],
    };
  const renewed = await traffic.query({ session, kind: "hook", before: seq, limit: MOST_RENEWALS });
  const sets = renewed.records.flatMap((each) => (each.kind === "hook" ? [each.attributes] : [])).reverse();
  const known = connectionOf(upgrade, path);
  const attributes = Object.assign({}, known.attributes, ...sets) as Record<string, unknown>;
  return { ...known, attributes, notes: [] };
}

/** What an attribute is after so many is what the last few say. */
const MOST_RENEWALS = 200;

function connectionOf(upgrade: UpgradeRecord | undefined, route: string): Omit<RecordedConnection, "notes"> {
  const { method = "GET", path = "/", request = [], client = "127.0.0.1:50000" } = upgrade ?? {};
  const at = client.lastIndexOf(":");
  const address = client.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const sender = { address, port: Number(client.slice(at + 1)), tls: false, certificate: null };
  return {
    context: describeRequest({ method, url: path, rawHeaders: request.flat() }, sender, route, {}),
    attributes: upgrade?.attributes ?? {},
    subprotocol: upgrade?.subprotocol ?? "",
    server: upgrade?.server ?? "",
  };
}

/** The message as it came, and what is to be said of it; undefined: it is not there whole. */
export function payloadOfRecord({ payload, length, opcode }: FrameRecord): Payload | undefined {
  if (payload === null)
    return length === 0 ? { binary: opcode === BINARY, bytes: Buffer.alloc(0) } : undefined;
  if (payload.isCut) return undefined;
  return {
    binary: opcode === BINARY,
    bytes: Buffer.from(payload.data, payload.encoding === "text" ? "utf8" : "base64"),
  };
}

export function noteHidden(payload: PayloadView | null): string[] {
  if (payload === null || payload.redactions === 0) return [];
  return [
    `Secrets of the recorded message are hidden (${payload.redactions}): the policy saw what stands in their place.`,
  ];
}

const BINARY = 2;
