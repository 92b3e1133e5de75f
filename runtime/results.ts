import type { Payload } from "../sandbox/contract/hooks.ts";
import type {
  Aside,
  CheckedHeaderChanges,
  CheckedHold,
  CheckedUnavailableVerdict,
  CheckedUpgradeVerdict,
  Initiative,
  Outcome,
  Renewal,
} from "../sandbox/contract/verdicts.ts";
import type { NextTick } from "../sandbox/policy-api.ts";

/** Messages as they are sent, in order: each a text, or bytes. */
export type SentMessages = readonly (string | Uint8Array)[] & {
  /** Each of them parsed as JSON. */
  json(): unknown[];
};

/** What a `client` or `server` hook did with a message. */
export interface MessageResult {
  /** What goes on to the receiver; undefined when nothing does. */
  readonly body: string | Uint8Array | undefined;
  /** `body` parsed as JSON. */
  json(): unknown;
  /** The message does not go on: it was dropped, or the connection closed without it. */
  readonly isDropped: boolean;
  /** The policy's `when` is not for the message: it goes on as it came, and the hook has not run. */
  readonly isSkipped: boolean;
  /** For the sender, in order. */
  readonly replies: SentMessages;
  /** For the receiver, after the message, in order. */
  readonly appended: SentMessages;
  readonly close: { readonly code: number; readonly reason: string; readonly rule?: string } | undefined;
  /** When `tick` is to be called next; undefined: as it would have been. */
  readonly tick: NextTick | undefined;
  /** What `renew` said, if the verdict has called it. */
  readonly renewal: RenewResult | undefined;
}

/** What a `tick` hook did. */
export interface TickResult {
  /** For each side, in order. */
  readonly toClient: SentMessages;
  readonly toServer: SentMessages;
  readonly close: { readonly code: number; readonly reason: string; readonly rule?: string } | undefined;
  readonly tick: NextTick | undefined;
  readonly renewal: RenewResult | undefined;
}

/** What a `renew` hook did. */
export interface RenewResult extends Omit<TickResult, "renewal"> {
  /** Those that it has set; undefined: none. */
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds since 1970; undefined: as before. */
  readonly expires: number | undefined;
  readonly renewAt: number | undefined;
}

/** What an `upgrade` hook decided. */
export interface UpgradeResult {
  readonly accepted: boolean;
  /** 101, or the status that the client is refused with. */
  readonly status: number;
  /** Of a refusal, "" for none. */
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Where the connection goes, if not to the route's upstream. */
  readonly connect: string | undefined;
  /** Changes to the request to the server, names in lower case; null removes. */
  readonly headers: HeaderValues;
  /** Changes to the 101; of a refusal its headers. */
  readonly responseHeaders: HeaderValues;
  readonly subprotocol: string | undefined;
  readonly contentType: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number | undefined;
  readonly renewAt?: number;
  /** When `tick` is to be called first. */
  readonly tick?: NextTick;
}

/** What an `unavailable` hook decided. */
export interface UnavailableResult {
  /** What the client gets: 101 when it is held, undefined when another server is to be asked first. */
  readonly status: number | undefined;
  /** Of a refusal by the policy, "" for none. */
  readonly body: string;
  readonly headers: HeaderValues;
  /** The server that is asked next. */
  readonly connect: string | undefined;
  /** How the client is held, defaults filled in. */
  readonly hold: CheckedHold | undefined;
}

type HeaderValues = Readonly<Record<string, string | readonly string[] | null>>;
type Settled = Exclude<Outcome, { readonly kind: "fault" }>;

export function messageResult(outcome: Settled, original: Payload): MessageResult {
  const verdict = outcome.kind === "message" ? outcome : undefined;
  const isDropped = verdict !== undefined && (verdict.drop || (!!verdict.close && !verdict.body));
  const told = {
    body: isDropped ? undefined : (verdict?.body ?? original),
    replies: verdict?.reply ?? [],
    appended: verdict?.append ?? [],
    close: verdict?.close,
  };
  return describeMessage(told, { isSkipped: outcome.kind === "skipped", ...asideOf(verdict?.aside) });
}

/** What became of a message. */
export interface ToldMessage extends Pick<MessageResult, "close"> {
  readonly body: Payload | undefined;
  readonly replies: readonly Payload[];
  readonly appended: readonly Payload[];
}

/** @param more not among the keys: a test that compares the whole result means its values */
export function describeMessage<More extends Pick<MessageResult, "isSkipped" | "tick" | "renewal">>(
  { body: payload, replies, appended, close }: ToldMessage,
  more: More,
): MessageResult & More {
  const body = payload && bodyOf(payload);
  const result = {
    body,
    isDropped: body === undefined,
    replies: sentMessages(replies),
    appended: sentMessages(appended),
    close,
  };
  return Object.defineProperties(result, {
    json: { value: () => parseBody(body) },
    ...Object.fromEntries(Object.entries(more).map(([key, value]) => [key, { value }])),
  }) as MessageResult & More;
}

function asideOf({ tick, renewal }: Aside = {}): Pick<MessageResult, "tick" | "renewal"> {
  return { tick, renewal: renewal && renewResult({ kind: "renew", ...renewal }) };
}

export function tickResult(outcome: Settled): TickResult {
  const said = outcome.kind === "tick" ? outcome : undefined;
  const renewal = said?.renewal && renewResult({ kind: "renew", ...said.renewal });
  return { ...initiativeResult(said), renewal };
}

export function renewResult(outcome: Settled): RenewResult {
  const said: Partial<Renewal> = outcome.kind === "renew" ? outcome : {};
  const { attributes, expires, renewAt } = said;
  return { ...initiativeResult(said), attributes, expires, renewAt };
}

function initiativeResult({
  toClient = [],
  toServer = [],
  close,
  tick,
}: Partial<Initiative> = {}): Omit<TickResult, "renewal"> {
  return { toClient: sentMessages(toClient), toServer: sentMessages(toServer), close, tick };
}

export function upgradeResult(outcome: Settled): UpgradeResult {
  const verdict: CheckedUpgradeVerdict = outcome.kind === "upgrade" ? outcome.verdict : {};
  const { reject } = verdict;
  return {
    accepted: reject === undefined,
    status: reject?.status ?? 101,
    body: reject?.body ?? "",
    attributes: verdict.attributes ?? {},
    connect: verdict.connect,
    headers: headerValues(verdict.headers),
    responseHeaders: headerValues(reject?.headers ?? verdict.responseHeaders),
    subprotocol: verdict.subprotocol,
    contentType: verdict.contentType,
    expires: verdict.expires,
    ...(verdict.renewAt !== undefined && { renewAt: verdict.renewAt }),
    ...(verdict.tick !== undefined && { tick: verdict.tick }),
  };
}

/** @param failure what the client gets when the hook says nothing */
export function unavailableResult(outcome: Settled, failure: { readonly status: number }): UnavailableResult {
  return describeUnavailable(outcome.kind === "unavailable" ? outcome.verdict : {}, failure);
}

export function describeUnavailable(
  { reject, connect, hold }: CheckedUnavailableVerdict,
  failure: { readonly status: number },
): UnavailableResult {
  const refused = reject?.status ?? (connect === undefined ? failure.status : undefined);
  return {
    status: hold === undefined ? refused : 101,
    body: reject?.body ?? "",
    headers: headerValues(reject?.headers),
    connect,
    hold,
  };
}

function bodyOf({ binary, bytes }: Payload): string | Uint8Array {
  return binary ? new Uint8Array(bytes) : Buffer.from(bytes).toString();
}

function sentMessages(payloads: readonly Payload[]): SentMessages {
  const bodies = payloads.map(bodyOf);
  // Not among the keys, as above.
  return Object.defineProperty(bodies, "json", { value: () => bodies.map(parseJson) }) as never;
}

function parseBody(body: string | Uint8Array | undefined): unknown {
  if (body === undefined) throw new Error("Nothing goes on to the receiver: there is no body to parse.");
  return parseJson(body);
}

function parseJson(body: string | Uint8Array): unknown {
  return JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString());
}

export function headerValues(changes: CheckedHeaderChanges = {}): HeaderValues {
  const values = Object.entries(changes).map(([name, value]) => [
    name,
    value?.length === 1 ? value[0] : value,
  ]);
  return Object.fromEntries(values) as HeaderValues;
}
