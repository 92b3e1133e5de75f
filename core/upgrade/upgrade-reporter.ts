import type { EmitEvent } from "../events.ts";
import { readRawHeaders } from "../net/headers.ts";
import type { Exchange } from "../request/exchange.ts";
import type { Refusal } from "../request/refusal.ts";
import type { Agreement } from "./agree-with-server.ts";
import type { SentRefusal } from "./refuse.ts";
import { UpgradeNotes, type UpgradeObserver, type UpgradeReport } from "./upgrade-observer.ts";

/** What a client was let in by; no URL: there is no server yet. */
interface AcceptedTerms extends Pick<Agreement, "subprotocol" | "extensions" | "response"> {
  readonly server: Pick<Agreement["server"], "url">;
}

type Result = Pick<UpgradeReport, "status" | "code" | "detail" | "server" | "subprotocol" | "extensions">;

/** Tells how one upgrade ended: everybody by an event, and whoever takes upgrades down by a report. */
export class UpgradeReporter {
  readonly #exchange: Exchange;
  readonly #emit: EmitEvent;
  readonly #observer: UpgradeObserver;
  #notes: UpgradeNotes | undefined;

  constructor(exchange: Exchange, emit: EmitEvent, observer: UpgradeObserver) {
    this.#exchange = exchange;
    this.#emit = emit;
    this.#observer = observer;
  }

  /** What stages note on the way, for a route whose upgrades somebody wants; undefined when nobody does. */
  takeNotes(): UpgradeNotes | undefined {
    const exchange = this.#exchange;
    if (exchange.routed !== undefined && this.#observer.wants(exchange))
      this.#notes = new UpgradeNotes(exchange);
    return this.#notes;
  }

  refused({ code, detail }: Refusal, { status, headers }: SentRefusal): void {
    this.#notes ??= new UpgradeNotes(this.#exchange);
    this.#notes.response = headers;
    const { ids, client, trace, elapsedMs } = this.#exchange;
    const outcome = { status, code, detail, client, durationMs: Math.round(elapsedMs) };
    this.#emit({ type: "upgrade-refused", ...ids, ...this.#place(), ...outcome, ...(trace && { trace }) });
    this.#report({ status, code, detail, server: "", subprotocol: "", extensions: "" });
  }

  accepted({ server, subprotocol, extensions, response }: AcceptedTerms): void {
    if (this.#notes !== undefined) this.#notes.response = response;
    const { ids, client, trace, elapsedMs } = this.#exchange;
    const { id, requestId } = ids;
    const { route, path } = this.#place();
    const agreed = { server: server.url, subprotocol, extensions: extensions.header ?? "" };
    // Named one by one: what is spread behind other members V8 copies the slow way.
    this.#emit({
      type: "session-start",
      id,
      ...(requestId !== undefined && { requestId }),
      route,
      path,
      client,
      server: agreed.server,
      subprotocol,
      extensions: agreed.extensions,
      durationMs: Math.round(elapsedMs),
      ...(trace && { trace }),
    });
    this.#report({ ...agreed, status: 101, code: "", detail: "" });
  }

  #place(): { readonly route: string; readonly path: string } {
    const { routed, path } = this.#exchange;
    return { route: routed?.runtime.name ?? "", path };
  }

  #report(result: Result): void {
    if (!this.#observer.wants(this.#exchange)) return;
    const notes = this.#notes ?? new UpgradeNotes(this.#exchange);
    const phases = notes.phases.finish();
    const { id, time, client, elapsedMs, request } = this.#exchange;
    const { method = "GET", url = "/", httpVersion } = request;
    const report = {
      ...{ id, route: this.#place().route, time, client, durationMs: elapsedMs },
      ...{ method, path: url, httpVersion, request: readRawHeaders(request.rawHeaders) },
      ...result,
      ...{ phases, notes },
    };
    this.#observer.take(report, this.#exchange);
  }
}
