import { isDeepStrictEqual } from "node:util";
import type { Side } from "../../sandbox/contract/hooks.ts";
import type { EmitEvent } from "../events.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import type { MirrorRequest } from "../upgrade/mirror-request.ts";
import type { UpstreamWays } from "../upstream/upstreams.ts";
import { createMaskKeys } from "../wire/mask.ts";
import { dialMirror } from "./mirror-dial.ts";
import { MirrorFeed } from "./mirror-feed.ts";
import { MirrorLink } from "./mirror-link.ts";
import { MirrorRoom } from "./mirror-room.ts";

/** What became of the copies of one side's messages, since this process started. */
export interface MirrorCount {
  /** "": of all beyond the first ones. */
  readonly route: string;
  readonly origin: Side;
  readonly sent: number;
  readonly lost: number;
}

/** By who sent it: is given all bytes that the other side is sent. Undefined: nobody wants them. */
export type MirrorTaps = Readonly<Record<Side, ((bytes: Uint8Array) => void) | undefined>>;

/** A session of which copies are made. */
export type MirroredUpgrade = Pick<AcceptedUpgrade, "runtime" | "extensions" | "held">;

interface OpenMirrors {
  readonly request: MirrorRequest;
  readonly runtime: MirroredUpgrade["runtime"];
  readonly links: readonly MirrorLink[];
  readonly feeds: readonly MirrorFeed[];
  /** The session has ended, or the route has another mirror now, or none. */
  isOver: boolean;
}

/** Of one route in one worker there is one line in the log in so long. */
const NEWS_MS = 10_000;

/** Of routes and origins beyond these, which reloads may have renamed, the later ones share one: a metric's label has few values. */
const MOST_COUNTS = 2000;

/** The mirrors of a worker's sessions. */
export class Mirrors {
  readonly #upstreams: UpstreamWays;
  readonly #emit: EmitEvent;
  readonly #room = new MirrorRoom();
  readonly #maskKeys = createMaskKeys();
  readonly #open = new Set<OpenMirrors>();
  readonly #ending = new Set<MirrorLink>();
  readonly #counts = new Map<string, { -readonly [Key in keyof MirrorCount]: MirrorCount[Key] }>();
  /** By route: when a failure was last told of, and how many there were since. */
  readonly #news = new Map<string, { at: number; count: number }>();

  constructor(upstreams: UpstreamWays, emit: EmitEvent) {
    this.#upstreams = upstreams;
    this.#emit = emit;
  }

  /** Copies of this session go to its mirror until it ends. */
  open(request: MirrorRequest, { runtime, extensions, held }: MirroredUpgrade): MirrorTaps {
    const links: MirrorLink[] = [];
    const feeds: MirrorFeed[] = [];
    const { client, server } = extensions.deflate;
    // What one side sent is compressed as the leg has it by which it leaves.
    const deflate = { client: server?.client, server: client?.server };
    const tap = (origin: Side) => {
      if (!request.config.origins.includes(origin)) return undefined;
      const count = this.#countOf(runtime.name, origin);
      const link = this.#link(request, origin, count);
      const feed = new MirrorFeed({
        ...{ origin, deflate: deflate[origin], maskKeys: this.#maskKeys, room: this.#room },
        onMessage: (frames) => link.send(frames),
        onLost: () => count.lost++,
      });
      links.push(link);
      feeds.push(feed);
      return (bytes: Uint8Array): void => {
        if (!open.isOver) feed.take(bytes);
      };
    };
    const open: OpenMirrors = { request, runtime, links, feeds, isOver: false };
    const taps = { client: tap("client"), server: tap("server") };
    this.#open.add(open);
    for (const link of links) link.start();
    held.add(() => {
      this.#open.delete(open);
      endCopies(open);
      for (const link of links) link.end();
    });
    return taps;
  }

  /** Routes may have another mirror now, or none. */
  review(): void {
    for (const open of this.#open) {
      const { request, runtime, links } = open;
      if (isDeepStrictEqual(runtime.config.mirror, request.config)) continue;
      this.#open.delete(open);
      endCopies(open);
      for (const link of links) link.stop();
    }
  }

  counts(): readonly MirrorCount[] {
    return [...this.#counts.values()];
  }

  close(): void {
    for (const link of this.#ending) link.stop();
  }

  #link(
    request: MirrorRequest,
    origin: Side,
    count: { sent: number; lost: number } & MirrorCount,
  ): MirrorLink {
    const link: MirrorLink = new MirrorLink({
      room: this.#room,
      mirror: nameOf(request),
      maskKeys: this.#maskKeys,
      open: (signal) => dialMirror(request, origin, this.#upstreams, signal),
      onSent: () => count.sent++,
      onLost: () => count.lost++,
      onFailure: (reason) => this.#tell(count.route, request, reason),
      onOver: () => this.#ending.delete(link),
    });
    this.#ending.add(link);
    return link;
  }

  #tell(route: string, request: MirrorRequest, reason: string): void {
    const news = this.#news.get(route) ?? { at: Number.NEGATIVE_INFINITY, count: 0 };
    this.#news.set(route, news);
    news.count++;
    const now = performance.now();
    if (now - news.at < NEWS_MS) return;
    this.#emit({ type: "mirror-failed", route, mirror: nameOf(request), reason, count: news.count });
    Object.assign(news, { at: now, count: 0 });
  }

  #countOf(route: string, origin: Side): { -readonly [Key in keyof MirrorCount]: MirrorCount[Key] } {
    const key = `${origin} ${route}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (route !== "" && this.#counts.size >= MOST_COUNTS) return this.#countOf("", origin);
    const count = { route, origin, sent: 0, lost: 0 };
    this.#counts.set(key, count);
    return count;
  }
}

function nameOf({ config: { upstream } }: MirrorRequest): string {
  return typeof upstream === "string" ? upstream : upstream.name;
}

function endCopies(open: OpenMirrors): void {
  open.isOver = true;
  for (const feed of open.feeds) feed.skip();
}
