import type { IncomingMessage } from "node:http";
import type { RequestContext } from "../../sandbox/contract.ts";
import type { RecordingConfig, RouteConfig } from "../config/index.ts";
import type { SpanContext } from "../events.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import { requestIdField } from "./request-id.ts";
import type { Sender } from "./sender.ts";

/** What `identify` found in a request. */
export interface Identity {
  readonly request: IncomingMessage;
  /** Without the query. */
  readonly path: string;
  readonly sender: Sender;
  /** Whose pages may connect, on routes that do not say it. */
  readonly origins: readonly string[];
  /** Of the listener. */
  readonly recording: RecordingConfig;
  /** With telemetry: the gateway's span, which the server's hangs below. */
  readonly trace: SpanContext | undefined;
}

/**
 * One request on its way to one of two endings, a 101 or an answer of plain HTTP:
 *
 *   identify ─▶ route ─▶ admit ─▶ ask policies ─▶ reach server ─▶ 101 │ answer
 *
 * Each stage is a function of what those before it have found, and gives what it finds, or a refusal. What the endings
 * must know wherever it stopped, to tell of it, is here.
 */
export class Exchange {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly sender: Sender;
  readonly origins: readonly string[];
  readonly trace: SpanContext | undefined;
  /** Ms since 1970. */
  readonly time = Date.now();
  readonly #recording: RecordingConfig;
  readonly #startedAt = performance.now();
  readonly #newId: () => string;
  #id: string | undefined;
  #requestId: Exchange["requestId"];
  #routed: Routed | undefined;

  constructor({ request, path, sender, origins, recording, trace }: Identity, newId: () => string) {
    this.request = request;
    this.path = path;
    this.sender = sender;
    this.origins = origins;
    this.#recording = recording;
    this.trace = trace;
    this.#newId = newId;
  }

  /** The session's, if it comes to one. Ids are counted up, so a request that nobody is told of has none. */
  get id(): string {
    this.#id ??= this.#newId();
    return this.#id;
  }

  /** Address and port. */
  get client(): string {
    return `${this.sender.address}:${this.sender.port}`;
  }

  /** As the route has it, or else the listener. */
  get recording(): RecordingConfig {
    return this.#routed?.config.recording ?? this.#recording;
  }

  /** Undefined where none was found. */
  get routed(): Routed | undefined {
    return this.#routed;
  }

  /** For stage `route` alone, once. */
  enter(runtime: RouteRuntime, context: RequestContext): Routed {
    this.#routed = {
      exchange: this,
      runtime,
      config: runtime.config,
      generation: runtime.generation,
      context,
    };
    return this.#routed;
  }

  /** The field that goes with the request to the server and back to the client; undefined when the route sends none. */
  get requestId(): readonly [name: string, value: string] | undefined {
    this.#requestId ??= this.#routed && requestIdField(this.#routed.config, this.id, this.request.headers);
    return this.#requestId;
  }

  /** As events have them. */
  get ids(): { readonly id: string; readonly requestId?: string } {
    const field = this.requestId;
    return field === undefined ? { id: this.id } : { id: this.id, requestId: field[1] };
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}

/** An exchange that has found its route. */
export interface Routed {
  readonly exchange: Exchange;
  readonly runtime: RouteRuntime;
  /** Those of the route when the request came: they may have changed since. */
  readonly config: RouteConfig;
  readonly generation: number;
  readonly context: RequestContext;
}

/** What of an exchange says whether it is wanted by those who take exchanges down. */
export interface ObservedExchange extends Pick<Exchange, "id" | "recording"> {
  readonly routed: { readonly config: RouteConfig } | undefined;
}
