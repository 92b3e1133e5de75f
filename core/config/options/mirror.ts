import { z } from "zod";
import type { Side } from "../../../sandbox/contract/hooks.ts";
import { UPSTREAM_NAME } from "../../net/target.ts";
import type { RedactionConfig } from "../../redaction/rules.ts";
import { findUpstream, type UpstreamChoice } from "./route/route-upstream.ts";
import { choice, flag, section, text } from "./schema-parts.ts";
import type { UpstreamConfig } from "./upstream/upstream-config.ts";
import { findServerUrlProblem } from "./upstream/upstream-schema.ts";

/** Who else gets copies of a route's messages. */
export interface MirrorConfig {
  readonly upstream: string | UpstreamConfig;
  /** From 0 to 1. */
  readonly sample: number;
  /** Whose messages. */
  readonly origins: readonly Side[];
  readonly sendsCredentials: boolean;
  /** What counts as credentials beside the usual, by name. */
  readonly secrets: Pick<RedactionConfig, "headers" | "query">;
}

/** What a mirror takes from the config around it. */
export interface MirrorSurroundings extends Pick<UpstreamChoice, "upstreams" | "problems"> {
  readonly redact: MirrorConfig["secrets"];
}

const SAMPLE_TEXT = "a number above 0 and up to 1";
const UPSTREAM_TEXT = 'a URL such as "http://127.0.0.1:9000" or a name of `upstreams`';
const MIRROR_TEXT = "false, or an object such as { upstream, sample, direction }";

const mirrorSchema = section(
  "MirrorInput",
  {
    upstream: text(UPSTREAM_TEXT)
      .superRefine((value, context) => {
        const problem = UPSTREAM_NAME.test(value) ? undefined : findServerUrlProblem(value);
        if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
      })
      .describe(
        "The server that gets the copies: an http, https, ws or wss URL, unix:/path/to.sock:/path, or the name of one of `upstreams`. A URL without a path gets that of the client's request.",
      ),
    sample: z
      .number({ error: SAMPLE_TEXT })
      .gt(0, { error: SAMPLE_TEXT })
      .max(1, { error: SAMPLE_TEXT })
      .prefault(1)
      .describe("Which part of the sessions is copied, above 0 and up to 1; each as a whole or not at all."),
    direction: choice(["client", "server", "both"])
      .prefault("client")
      .describe(
        "Whose messages are copied, as they leave: the client's, the server's, or both, which takes two connections a session.",
      ),
    credentials: flag()
      .prefault(false)
      .describe(
        "Whether the mirror is shown what the client shows to the server: Authorization, Cookie, other headers and parameters of the query whose names say that they are secrets, or that `redact` names.",
      ),
  },
  MIRROR_TEXT,
);

export function mirrorOption() {
  return z.union([z.literal(false), mirrorSchema], { error: MIRROR_TEXT });
}

/** @param place of the option, for problems */
export function resolveMirror(
  parsed: z.output<ReturnType<typeof mirrorOption>>,
  place: string,
  around: MirrorSurroundings,
): MirrorConfig | false {
  if (parsed === false) return false;
  const { upstream, sample, direction, credentials } = parsed;
  return {
    upstream: findUpstream(upstream, `${place}.upstream`, around),
    sample,
    origins: direction === "both" ? ["client", "server"] : [direction],
    sendsCredentials: credentials,
    secrets: { headers: around.redact.headers, query: around.redact.query },
  };
}
