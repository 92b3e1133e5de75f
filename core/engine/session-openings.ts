import type { EmitEvent } from "../events.ts";
import type { Mirrors } from "../mirror/mirrors.ts";
import { HeldSession, type HeldSessionOwner, type HoldResult } from "../session/hold/held-session.ts";
import type { createMessageSampling } from "../telemetry/message-sampling.ts";
import type { EngineRecorder } from "../traffic/engine-recorder.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import type { Agreement } from "../upgrade/agree-with-server.ts";
import type { HeldUpgrade } from "../upgrade/hold/held-upgrade.ts";
import type { ServerName } from "../upstream/server-choice.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { Farewell } from "./farewell.ts";
import type { RunningRoutes } from "./running-routes.ts";
import type { BookedSession, SessionBook } from "./session-book.ts";
import type { SessionMaker } from "./session-maker.ts";

export interface OpeningParts extends Pick<HeldSessionOwner, "onEnd" | "onLeave"> {
  readonly maker: Pick<SessionMaker, "make">;
  readonly book: SessionBook;
  readonly routes: RunningRoutes;
  readonly upstreams: Pick<Upstreams, "isDrained">;
  readonly farewell: Pick<Farewell, "greet">;
  readonly recorder: Pick<EngineRecorder, "open">;
  readonly sampling: Pick<ReturnType<typeof createMessageSampling>, "open">;
  readonly mirrors: Pick<Mirrors, "open">;
  readonly emit: EmitEvent;
}

/** How sessions begin: those that have their server, and those of clients that are held until there is one. */
export class SessionOpenings implements HeldSessionOwner {
  readonly #parts: OpeningParts;
  readonly onEnd: HeldSessionOwner["onEnd"];
  readonly onLeave: HeldSessionOwner["onLeave"];

  constructor(parts: OpeningParts) {
    this.#parts = parts;
    this.onEnd = parts.onEnd;
    this.onLeave = parts.onLeave;
  }

  open(accepted: AcceptedUpgrade): void {
    const { book, routes } = this.#parts;
    const session = this.#make(accepted, performance.now());
    book.add(session, accepted);
    routes.enter(accepted.runtime);
    session.start(accepted.heads);
    this.#greet(session, accepted, accepted.server.at);
  }

  hold(held: HeldUpgrade): void {
    const { book, routes } = this.#parts;
    const { upgrade } = held;
    const session = new HeldSession(held, this);
    book.add(session, { ...upgrade, server: { url: "", at: undefined } });
    routes.enter(upgrade.runtime);
    session.start();
    this.#greet(session, upgrade, undefined);
  }

  onHoldEnd({ id, route }: HeldSession, result: HoldResult): void {
    this.#parts.emit({ type: "hold-ended", id, route, ...result });
  }

  onReached(
    { upgrade, id, startedAt, isToRenew }: HeldSession,
    { server, release }: Agreement,
    sent: Buffer,
  ): void {
    upgrade.held.add(release);
    const context = { ...upgrade.context, server: { url: server.url } };
    const heads = { client: sent, server: server.head };
    const session = this.#make({ ...upgrade, context, server, heads }, startedAt);
    this.#parts.book.replace(id, session, server);
    if (isToRenew) void session.renew();
    session.start(heads);
    this.#greet(session, upgrade, server.at);
  }

  #make(accepted: AcceptedUpgrade, startedAt: number): ReturnType<SessionMaker["make"]> {
    const { maker, recorder, sampling, mirrors } = this.#parts;
    const { id, runtime, isTraced } = accepted;
    const mirror = accepted.sampleMirror();
    return maker.make(accepted, {
      startedAt,
      tap: recorder.open(id, runtime.config),
      sampler: isTraced ? sampling.open(id, runtime.name) : undefined,
      mirror: mirror && mirrors.open(mirror, accepted),
    });
  }

  #greet(
    session: BookedSession,
    { runtime, generation }: Pick<AcceptedUpgrade, "runtime" | "generation">,
    at: ServerName | undefined,
  ): void {
    const { farewell, routes, upstreams } = this.#parts;
    farewell.greet(session, {
      isRemoved: routes.isRemoved(runtime.name),
      isEnabled: runtime.config.enabled,
      isDrained: runtime.isDrained || upstreams.isDrained(at),
      isOutdated: generation !== runtime.generation,
      recycleSpreadMs: session.recycleSpreadMs ?? runtime.config.session.recycleSpreadMs,
      removal: runtime.config.session.removal,
    });
  }
}
