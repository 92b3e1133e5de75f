import type {
  Info,
  PolicySourceView,
  PolicyView,
  RouteView,
  SessionsPage,
  SessionView,
  TrafficPageView,
} from "../../core/admin/api/api-schema.ts";
import type {
  BreakpointsView,
  BreakpointView,
  BreakpointWishInput,
  HeldMessageView,
} from "../../core/admin/api/breakpoints/breakpoints-schema.ts";
import type { DrainsView, UpstreamViews } from "../../core/admin/api/drains/drain-schema.ts";
import type { OpenedFileView } from "../../core/admin/api/files/file-schema.ts";
import type { FleetView } from "../../core/admin/api/fleet/fleet-schema.ts";
import type { ProblemView } from "../../core/admin/api/problems/problem-schema.ts";
import type {
  RecordingSwitchesView,
  RecordingWishInput,
} from "../../core/admin/api/recording/switch-schema.ts";
import type { EndedRolloutView, RolloutView } from "../../core/admin/api/rollout-schema.ts";
import type { SessionRenewalView } from "../../core/admin/api/sessions/session-renewal-schema.ts";
import type { ShadowView } from "../../core/admin/api/shadow-schema.ts";
import type { SourceAnswer } from "../../core/admin/api/source-schema.ts";
import type { SteeringJobView, SteeringStarted } from "../../core/admin/api/steering-schema.ts";
import type { FilterHelp } from "../../core/admin/api/traffic/filter-schema.ts";
import type { TrialOrder, TrialView } from "../../core/admin/api/trials/trial-schema.ts";
import type { MessageExplanation, SessionExplanation } from "../../core/explain/explanation.ts";
import type { RecordNote, TrafficFilter, TrafficRecord, TrafficStats } from "../../core/traffic/records.ts";

/** Where the admin API is; the one place of the console that knows its paths. */
const BASE = "/api/v1";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** No answer at all: the gateway is down, or the network is. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

/** A message, as the API takes it. */
export type SentBody = { readonly text: string } | { readonly base64: string };

/** As the API takes it. */
export type SaidInput = SentBody & {
  readonly to: "client" | "server";
  readonly through?: "policies";
};

export type SteeringHow = "close" | "move" | "renew";

/** As the API takes it. */
export interface SteeringWishInput {
  readonly filter: Readonly<Record<string, string>>;
  readonly all?: true | undefined;
  readonly dryRun?: boolean;
  readonly rate?: string | undefined;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string | undefined;
  readonly hint?: string | undefined;
}

/** As the API takes it. */
export interface DrainWishInput {
  readonly dryRun?: boolean;
  readonly rate?: string | undefined;
  readonly delay?: string | undefined;
  readonly code?: number;
  readonly reason?: string;
}

/** What is drained: without a name the gateway. */
export interface DrainedPlace {
  readonly kind: "gateway" | "route" | "upstream";
  readonly name?: string;
  readonly target?: string;
}

export interface PageQuery extends TrafficFilter {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
  readonly sort?: string;
  readonly order?: "asc" | "desc";
}

export type ApiClient = ReturnType<typeof createApiClient>;

/**
 * Calls of the admin API. Each rejects with an `ApiError`; `onUnauthorized` is told of a 401 besides.
 *
 * @param fileOf the file whose records are read in place of those that are recorded
 */
export function createApiClient(onUnauthorized: () => void, fileOf: () => string | undefined) {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(BASE + path, {
        method,
        credentials: "same-origin",
        cache: "no-store",
        headers:
          body === undefined
            ? {}
            : { "Content-Type": typeof body === "string" ? "text/plain" : "application/json" },
        body: body === undefined || typeof body === "string" ? (body ?? null) : JSON.stringify(body),
      });
    } catch {
      throw new ApiError(0, "", "The gateway does not answer. Is it still running?");
    }
    const text = await response.text();
    const value = parse(text);
    if (response.ok) return value;
    if (response.status === 401 && path !== "/login") onUnauthorized();
    const { code, message } = readError(value);
    throw new ApiError(response.status, code, message || `The gateway answered ${response.status}.`);
  }

  const get = <T>(path: string) => call("GET", path) as Promise<T>;
  const post = <T>(path: string, body: unknown = {}) => call("POST", path, body) as Promise<T>;
  const named = encodeURIComponent;
  const ofFile = (path: string) => {
    const file = fileOf();
    return file === undefined ? path : `/files/${named(file)}${path}`;
  };

  return {
    info: () => get<Info>("/info"),
    login: (token: string) => post<unknown>("/login", { token }),
    logout: () => post<unknown>("/logout"),

    sessions: (filter: Readonly<Record<string, string>>) => get<SessionsPage>(`/sessions${search(filter)}`),
    async session(id: string): Promise<SessionView> {
      // One that is open may have the same id as one of a file.
      if (fileOf() !== undefined) throw new ApiError(404, "ERR_NOT_FOUND", "This session is of a file.");
      return await get<SessionView>(`/sessions/${named(id)}`);
    },
    explainSession: (id: string) => get<SessionExplanation>(ofFile(`/sessions/${named(id)}/explain`)),
    explainMessage: (id: string, message: string) =>
      get<MessageExplanation>(ofFile(`/sessions/${named(id)}/explain/${named(message)}`)),
    renewSession: (id: string) => post<SessionRenewalView>(`/sessions/${named(id)}/renew`, {}),
    closeSession: (id: string, code: number, reason: string) =>
      post<unknown>(`/sessions/${named(id)}/close`, { code, reason }),

    /** Says something in it, as a message. */
    say: (id: string, message: SaidInput) => post<unknown>(`/sessions/${named(id)}/messages`, message),

    breakpoints: () => get<BreakpointsView>("/breakpoints"),
    setBreakpoint: (wish: BreakpointWishInput) => post<BreakpointView>("/breakpoints", wish),
    removeBreakpoint: (id: string) => call("DELETE", `/breakpoints/${named(id)}`),
    heldMessage: (id: string) => get<HeldMessageView>(`/held/${named(id)}`),
    /** As it is, or as the body says. */
    releaseHeld: (id: string, body: Partial<SentBody>) => post<unknown>(`/held/${named(id)}/release`, body),
    dropHeld: (id: string) => post<unknown>(`/held/${named(id)}/drop`),
    releaseAllHeld: () => post<unknown>("/held/release"),

    /** To those that fit; an answer without a job says only how many that would be. */
    steerSessions: (how: SteeringHow, wish: SteeringWishInput) =>
      post<SteeringStarted>(`/sessions/${how}`, wish),
    source: () => get<SourceAnswer>("/source"),
    steering: () => get<{ jobs: SteeringJobView[] }>("/steering"),
    stopSteering: (id: string) => call("DELETE", `/steering/${named(id)}`),

    fleet: () => get<FleetView>("/fleet"),
    problems: () => get<{ problems: ProblemView[] }>("/problems"),

    drains: () => get<DrainsView>("/drains"),
    /** As drains are: of this node alone. */
    upstreams: () => get<UpstreamViews>("/upstreams?scope=node"),
    drain: (place: DrainedPlace, wish: DrainWishInput) =>
      post<SteeringStarted>(drainPath(place), { ...wish, ...targetOf(place) }),
    endDrain: (place: DrainedPlace) => call("DELETE", `${drainPath(place)}${search(targetOf(place))}`),

    routes: () => get<{ routes: RouteView[] }>("/routes"),
    switchRoute: (name: string, isEnabled: boolean) =>
      call("PATCH", `/routes/${named(name)}`, { enabled: isEnabled }),

    policies: () => get<{ policies: PolicyView[]; problem: string }>("/policies"),
    policySource: (name: string, version: string) =>
      get<PolicySourceView>(`/policies/${named(name)}/source${search({ version })}`),
    rollBack: (name: string, version: string) =>
      post<unknown>(`/policies/${named(name)}/rollback`, { version }),
    runPolicy: (name: string, order: TrialOrder) => post<TrialView>(`/policies/${named(name)}/run`, order),
    rollouts: () => get<{ rollouts: RolloutView[]; ended: EndedRolloutView[] }>("/rollouts"),
    steerRollout: (policy: string, word: "promote" | "abort" | "pause" | "resume") =>
      post<unknown>(`/rollouts/${named(policy)}/${word}`),
    shadows: (policy: string) => get<{ shadows: ShadowView[] }>(`/shadows${search({ policy })}`),
    reloadPolicy: (name: string) => post<unknown>(`/policies/${named(name)}/reload`),

    recordingSwitches: () => get<RecordingSwitchesView>("/recording-switches"),
    switchRecording: (wish: RecordingWishInput) => call("PUT", "/recording-switches", wish),
    /** @param route "": the switch of all others */
    endRecordingSwitch: (route: string) => call("DELETE", `/recording-switches${search({ route })}`),

    traffic: (query: PageQuery) => get<TrafficPageView>(ofFile(`/traffic${search({ ...query })}`)),
    /** What may stand at a place of a filter, and what is wrong with it. */
    filterHelp: (filter: string, at: number) =>
      get<FilterHelp>(ofFile(`/traffic/filter?${new URLSearchParams({ filter, at: String(at) })}`)),
    record: (seq: number) => get<TrafficRecord>(ofFile(`/traffic/${seq}`)),
    noteRecord: (seq: number, note: RecordNote) => call("PUT", `/traffic/${seq}/note`, note),
    openFile: (name: string, text: string) => post<OpenedFileView>(`/files${search({ name })}`, text),
    closeFile: (id: string) => call("DELETE", `/files/${named(id)}`),
    trafficStats: () => get<TrafficStats>("/traffic/stats"),
    clearTraffic: () => call("DELETE", "/traffic"),
    harUrl: (filter: TrafficFilter) => `${BASE}${ofFile("/traffic.har")}${search({ ...filter })}`,
    recordingUrl: (filter: TrafficFilter) => `${BASE}/recording.ndjson${search({ ...filter })}`,
  };
}

function drainPath({ kind, name = "" }: DrainedPlace): string {
  return kind === "gateway" ? "/drain" : `/${kind}s/${encodeURIComponent(name)}/drain`;
}

function targetOf({ target }: DrainedPlace): { readonly target?: string } {
  return target === undefined ? {} : { target };
}

/** The URL of a WebSocket of the admin API. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${BASE}${path}`;
}

function search(values: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return query === "" ? "" : `?${query}`;
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readError(value: unknown): { code: string; message: string } {
  const error = (value as { error?: { code?: string; message?: string } } | undefined)?.error;
  return { code: error?.code ?? "", message: error?.message ?? "" };
}
