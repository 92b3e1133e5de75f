import { compileClientAddress } from "../net/client-address.ts";

/** Which open sessions are meant: those of which all holds that is said. One meaning for API, command line and console. */
export interface SessionFilter {
  readonly id?: string;
  readonly route?: string;
  /** An address, with its port or not; its first groups, "10.1"; or a network, "10.0.0.0/8". */
  readonly client?: string;
  readonly attributes?: readonly AttributeFilter[];
  readonly policy?: PolicyFilter;
  readonly subprotocol?: string;
  /** Opened so long ago, or longer. */
  readonly olderThanMs?: number;
  readonly youngerThanMs?: number;
  /** To one of the servers of a named upstream. */
  readonly upstream?: UpstreamFilter;
}

export interface AttributeFilter {
  readonly name: string;
  /** Text as it is, everything else as its JSON; absent: whatever it is. */
  readonly value?: string;
}

export interface PolicyFilter {
  readonly name: string;
  /** How the version begins that the session's next call goes to; absent: any, or none. */
  readonly version?: string;
}

export interface UpstreamFilter {
  readonly name: string;
  /** The URL of one of its servers, as the config has it; absent: any of them. */
  readonly target?: string;
}

/** What is looked at of a session, when it is asked for. */
export interface FilteredSession {
  readonly id: string;
  readonly route: string;
  /** Address and port. */
  readonly client: string;
  readonly subprotocol: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly ageMs: number;
  /** The policies that its messages go to. */
  readonly policies: readonly { readonly name: string; readonly version: string | undefined }[];
  /** Undefined: its server is none of an upstream's. */
  readonly upstream: { readonly name: string; readonly target: string } | undefined;
}

/** The filter as a question, made once for many sessions. */
export function compileSessionFilter(filter: SessionFilter): (session: FilteredSession) => boolean {
  const fitsClient = filter.client === undefined ? () => true : compileClientAddress(filter.client);
  const { id, route, subprotocol, olderThanMs = 0, youngerThanMs = Number.POSITIVE_INFINITY } = filter;
  const { attributes = [], policy, upstream } = filter;
  return (session) =>
    (id === undefined || session.id === id) &&
    (route === undefined || session.route === route) &&
    (subprotocol === undefined || session.subprotocol === subprotocol) &&
    fitsClient(session.client) &&
    attributes.every((wanted) => hasAttribute(session.attributes, wanted)) &&
    (upstream === undefined || isAt(session.upstream, upstream)) &&
    isBetween(session.ageMs, olderThanMs, youngerThanMs) &&
    (policy === undefined || runs(session.policies, policy));
}

/** Whether it says anything: what says nothing means all sessions. */
export function isEmptyFilter({ attributes = [], ...others }: SessionFilter): boolean {
  return attributes.length === 0 && Object.values(others).every((value) => value === undefined);
}

function hasAttribute(attributes: FilteredSession["attributes"], { name, value }: AttributeFilter): boolean {
  if (!Object.hasOwn(attributes, name)) return false;
  const found = attributes[name];
  return value === undefined || (typeof found === "string" ? found : JSON.stringify(found)) === value;
}

function isAt(found: FilteredSession["upstream"], { name, target }: UpstreamFilter): boolean {
  return found?.name === name && (target === undefined || found.target === target);
}

function isBetween(ageMs: number, olderThanMs: number, youngerThanMs: number): boolean {
  return ageMs >= olderThanMs && ageMs < youngerThanMs;
}

function runs(policies: FilteredSession["policies"], { name, version }: PolicyFilter): boolean {
  return policies.some(
    (policy) =>
      policy.name === name && (version === undefined || policy.version?.startsWith(version) === true),
  );
}
