import type { z } from "zod";
import type { ContentTypes } from "../../../../sandbox/contract.ts";
import type { ConfigProblem } from "../../errors.ts";
import { type Isolation, isolationLevel } from "../isolation.ts";
import { type MirrorConfig, type MirrorSurroundings, mirrorOption, resolveMirror } from "../mirror.ts";
import { type RolloutConfig, resolveRollout, rolloutOption } from "../rollout.ts";
import { choice, section, text } from "../schema-parts.ts";
import { resolveShadow, type ShadowConfig, shadowOption } from "../shadow.ts";
import { durationOrZero, size } from "../units.ts";
import type { UpstreamConfig } from "../upstream/upstream-config.ts";
import { connectSchema, routeUpstreamSchema } from "../upstream/upstream-schema.ts";
import { type Admission, type AdmissionAround, admission, resolveAdmission } from "./admission.ts";
import { type CompressionConfig, compressionOption, resolveCompression } from "./compression.ts";
import { contentTypeOption, resolveContentType } from "./content-type.ts";
import { type Cors, type CorsProfiles, corsOption, profileOf, resolveCors } from "./cors.ts";
import { type HeaderOptions, headerOptions, resolveHeaders } from "./header-rules.ts";
import { type Observation, observation, resolveObservation } from "./observation.ts";
import { findPathProblem } from "./path-pattern.ts";
import { type PlainHttp, plainHttp } from "./plain-http.ts";
import { type PolicyUse, policyChain, resolveChain } from "./policy-chain.ts";
import { defaultName, type RouteMatch, resolveMatch, routeMatch } from "./route-match.ts";
import { resolveRouteUpstream, type UpstreamChoice } from "./route-upstream.ts";
import { DEFAULT_MAX_MESSAGE_BYTES, resolveSession, type SessionConfig, sessionShape } from "./session.ts";

export const routeOptionsSchema = section(
  "RouteInput",
  {
    path: text('a path such as "/chat" or "/*"')
      .superRefine((path, context) => {
        const problem = findPathProblem(path);
        if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
      })
      .describe(
        "Path that clients ask for: literal segments, `:name` for any one segment, a final `*` for the rest.",
      ),
    ...routeMatch,
    ...admission,
    ...headerOptions,
    cors: corsOption,
    ...plainHttp,
    upstream: routeUpstreamSchema.describe(
      "The server behind this route: an http, https, ws or wss URL, unix:/path/to.sock:/path, the name of one of `upstreams`, or an object like those.",
    ),
    mirror: mirrorOption()
      .optional()
      .describe(
        "A second server that gets copies of the messages of this route's sessions, and can never disturb them; false: none. Default: the config's own `mirror`.",
      ),
    policies: policyChain
      .prefault([])
      .describe(
        'The chain, by file name below the policies folder without its ending, or "*" for every policy there that has no route of its own. Default: none.',
      ),
    isolation: isolationLevel()
      .optional()
      .describe(
        'Which process the policies of this route run in, unless their use says it: a host process that is "shared", each in its "own", or the "worker". Default: `sandbox.isolation`; for policies of packs `packs.isolation`, unless it is "own" here.',
      ),
    rollout: rolloutOption()
      .optional()
      .describe(
        "How new versions of this route's policies come to sessions: step by step, with a way back; false: to all at once. A policy of several routes goes by the first of them that has one. Default: the config's own `rollout`.",
      ),
    shadow: shadowOption()
      .optional()
      .describe(
        "A folder with other versions of this route's policies: those of the same names get copies of their calls, and their verdicts go nowhere. Default: none.",
      ),
    ...contentTypeOption,
    onError: choice(["close", "drop", "pass"])
      .prefault("close")
      .describe(
        "What becomes of a message whose policy failed: close the connection, drop the message, or pass it on unchanged.",
      ),
    maxMessageSize: size(1, "1")
      .optional()
      .describe(
        "Largest message in either direction, inflated, in bytes or with a unit. Default: 16MiB for messages that the gateway keeps, since policies read them or it compresses for one leg; none for those that it passes on as they come.",
      ),
    connectTimeout: durationOrZero()
      .prefault("10s")
      .describe("Longest time to connect to the server; 0: unlimited."),
    handshakeTimeout: durationOrZero()
      .prefault("10s")
      .describe("Longest time until the server has answered the handshake; 0: unlimited."),
    closeTimeout: durationOrZero()
      .prefault("10s")
      .describe("Longest time between the two Close frames; 0: unlimited."),
    ...sessionShape,
    ...observation,
    ...compressionOption,
    connect: connectSchema
      .optional()
      .describe("Where the `connect` of an `upgrade` verdict may lead. Default: the config's own `connect`."),
  },
  "a route such as { path, upstream, policies }",
);

export type ParsedRoute = z.output<typeof routeOptionsSchema>;

export interface RouteConfig extends Admission, HeaderOptions, PlainHttp, Observation {
  /** Tells the route from all others, and is what the log and the metrics call it. */
  readonly name: string;
  readonly path: string;
  readonly match: RouteMatch;
  /** Absent: nothing is said about it. */
  readonly cors?: Cors;
  readonly enabled: boolean;
  /** A URL, or an upstream: a named one, or one of the route's own. */
  readonly upstream: string | UpstreamConfig;
  /** URLs of the servers that `upstreamOverride` stands in for: a policy may connect to them as ever. */
  readonly replaced?: readonly string[];
  /** Absent: nobody gets copies. */
  readonly mirror?: MirrorConfig;
  /** "*": every policy of the folder that has no route of its own, by name. */
  readonly policies: readonly PolicyUse[] | "*";
  /** Of the policies whose use says nothing; absent: as packs and the config have it. */
  readonly isolation?: Isolation;
  /** Absent: new versions of policies are for all sessions at once. */
  readonly rollout?: RolloutConfig;
  /** Of the policies whose use says nothing; absent: none. */
  readonly shadow?: ShadowConfig;
  readonly contentType: ContentTypes;
  readonly onError: "close" | "drop" | "pass";
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly session: SessionConfig;
  readonly compression: CompressionConfig;
  /** Patterns of the servers that a policy may connect to beside the configured ones. */
  readonly connectAllow: readonly string[];
}

/** What a route takes from the config around it. */
export interface RouteSurroundings extends UpstreamChoice, AdmissionAround, MirrorSurroundings {
  readonly connectAllow: readonly string[];
  readonly corsProfiles: CorsProfiles;
  /** False: new versions are for all sessions at once. */
  readonly rollout: RolloutConfig | false;
  /** False: nobody gets copies. */
  readonly mirror: MirrorConfig | false;
  /** URLs of the servers that an override stands in for. */
  readonly replaced: readonly string[];
}

/** @param place of the route, for problems */
export function resolveRouteOptions(
  parsed: ParsedRoute,
  place: string,
  around: RouteSurroundings,
): RouteConfig {
  around.problems.push(...findUnknownProfile(parsed, place, around.corsProfiles));
  const cors = resolveCors(parsed.cors, around.corsProfiles);
  const match = resolveMatch(parsed.match);
  const name = parsed.name ?? defaultName(parsed.path, match);
  const upstream = resolveRouteUpstream({ ...parsed, name }, place, around);
  const shadow = parsed.shadow === undefined ? false : resolveShadow(parsed.shadow, around.dir);
  if (shadow !== false && shadow.policy !== undefined)
    around.problems.push({
      path: `${place}.shadow`,
      message: `expected a folder, for it is of the whole chain, got "${shadow.from}"; a policy's file goes to its use in \`policies\``,
    });
  const mirror =
    parsed.mirror === undefined ? around.mirror : resolveMirror(parsed.mirror, `${place}.mirror`, around);
  const rollout = parsed.rollout === undefined ? around.rollout : resolveRollout(parsed.rollout);
  return {
    name,
    path: parsed.path,
    match,
    enabled: parsed.enabled,
    ...resolveAdmission(parsed, place, around),
    ...resolveHeaders(parsed),
    ...(cors !== undefined && { cors }),
    http: parsed.http,
    httpTimeoutMs: parsed.httpTimeout,
    upstream,
    ...(around.replaced.length > 0 && { replaced: around.replaced }),
    ...(mirror !== false && { mirror }),
    policies: resolveChain(parsed.policies, around.dir),
    ...(parsed.isolation !== undefined && { isolation: parsed.isolation }),
    ...(rollout !== false && { rollout }),
    ...(shadow !== false && { shadow }),
    contentType: resolveContentType(parsed.contentType),
    onError: parsed.onError,
    maxMessageBytes: parsed.maxMessageSize ?? DEFAULT_MAX_MESSAGE_BYTES,
    connectTimeoutMs: parsed.connectTimeout,
    handshakeTimeoutMs: parsed.handshakeTimeout,
    closeTimeoutMs: parsed.closeTimeout,
    session: resolveSession(parsed),
    ...resolveObservation(parsed),
    compression: resolveCompression(parsed.compression),
    connectAllow: parsed.connect?.allow ?? around.connectAllow,
  };
}

function findUnknownProfile(route: ParsedRoute, place: string, profiles: CorsProfiles): ConfigProblem[] {
  const name = profileOf(route.cors);
  if (name === undefined || Object.hasOwn(profiles, name)) return [];
  const known = Object.keys(profiles).join(", ") || "none";
  return [{ path: `${place}.cors`, message: `expected a profile of corsProfiles (${known}), got "${name}"` }];
}
