import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { z } from "zod";
import { parseRedisUrl, type RedisPlace } from "../../../../sandbox/redis/place.ts";
import type { ConfigProblem } from "../../errors.ts";
import { reportOption, section, text } from "../schema-parts.ts";
import { resolveSecret, type SecretSource, secretSchema, secretText } from "../secret-source.ts";
import { readTls, type UpstreamTlsConfig, upstreamTlsSchema } from "../upstream/upstream-tls.ts";
import { redisUrl } from "./redis-url.ts";

/** Where all gateways of a fleet count and meet. */
export interface ClusterConfig extends ClusterLogin {
  readonly url: string;
  /** What all keys and channels begin with. */
  readonly name: string;
  /** Of this gateway; no other one of the fleet has it. */
  readonly node: string;
  /** For sentinels. */
  readonly sentinel?: ClusterLogin;
  readonly tls?: UpstreamTlsConfig;
}

export interface ClusterLogin {
  readonly user?: string;
  readonly password?: SecretSource;
}

export interface ClusterPlace {
  /** What relative paths are relative to. */
  readonly dir: string;
  /** What tells this gateway from others of the same machine: each has a config of its own, or addresses of its own. */
  readonly self: unknown;
  readonly problems: ConfigProblem[];
}

const NAME_TEXT = "a name of letters, digits, _, . and -";
const nameText = () => text(NAME_TEXT).regex(/^[\w.-]{1,64}$/, { error: NAME_TEXT });

const login = {
  user: text("the name of a user")
    .optional()
    .describe("User of the access control list (ACL). Default: the one of the URL, or the default user."),
  password: secretSchema.optional().describe("Where the password is. Default: that of the URL, or none."),
};

export const clusterSchema = section(
  "ClusterInput",
  {
    url: secretText(redisUrl(), "redis://127.0.0.1").describe(
      'Redis that the gateways of a fleet share: "redis://host:6379/0", with TLS "rediss://host", "unix:///run/redis.sock", "redis+sentinel://host1,host2,host3/primary-name/0" or "redis+cluster://host1,host2".',
    ),
    name: nameText()
      .prefault("framegate")
      .describe("Name of the fleet, with which all its keys and channels begin."),
    node: nameText()
      .optional()
      .describe(
        "Name of this gateway among those of the fleet. Default: the host's name, and some characters that follow from the config's path and addresses.",
      ),
    ...login,
    sentinel: section(
      "SentinelInput",
      {
        user: login.user.describe("User of the sentinels. Default: their default user."),
        password: login.password.describe("Where its password is. Default: none."),
      },
      'an object such as { password: { env: "SENTINEL_PASSWORD" } }',
    )
      .optional()
      .describe("What sentinels are told of who asks. Default: nothing."),
    tls: upstreamTlsSchema
      .optional()
      .describe("TLS where the URL asks for it. Default: with the system's certificates."),
  },
  'an object such as { url: "redis://127.0.0.1:6379" }',
).superRefine(({ url, user, password, sentinel, tls }, context) => {
  const place = parseRedisUrl(url);
  // Whoever says that has said so already.
  if (place === undefined) return;
  const say = (option: string, expected: string) => reportOption(context, option, expected);
  if (tls !== undefined && !place.tls) say("tls", "none, or a rediss URL");
  if (sentinel !== undefined && place.kind !== "sentinel") say("sentinel", "none, or a URL of sentinels");
  for (const [option, value] of Object.entries({ user, password })) {
    if (value !== undefined && place[option as keyof RedisPlace] !== undefined)
      say(option, "none, for the URL has one");
  }
});

export function resolveCluster(
  { url, name, node, user, password, sentinel, tls }: z.output<typeof clusterSchema>,
  { dir, self, problems }: ClusterPlace,
): ClusterConfig {
  return {
    url,
    name,
    node: node ?? defaultNode(self),
    ...resolveLogin({ user, password }, dir),
    ...(sentinel !== undefined && { sentinel: resolveLogin(sentinel, dir) }),
    ...(tls !== undefined && { tls: readTls(tls, { dir, path: "cluster", problems }) }),
  };
}

function resolveLogin(
  { user, password }: Pick<z.output<typeof clusterSchema>, "user" | "password">,
  dir: string,
): ClusterLogin {
  return {
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password: resolveSecret(password, dir) }),
  };
}

/** The same after each start. */
function defaultNode(self: unknown): string {
  const digest = createHash("sha256").update(JSON.stringify(self)).digest("hex");
  return `${hostname()
    .replaceAll(/[^\w.-]/g, "-")
    .slice(0, 48)}-${digest.slice(0, 6)}`;
}
