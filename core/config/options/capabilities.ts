import { z } from "zod";
import { parseShape } from "../../../policies/pack/parse-shape.ts";
import type { FetchGrant, Grant, Grants } from "../../../sandbox/broker/grants.ts";
import { describeIssues } from "../document/issues.ts";
import type { ConfigProblem } from "../errors.ts";
import { redisUrl } from "./cluster/redis-url.ts";
import { choice, flag, section, text } from "./schema-parts.ts";
import { resolveSecret, type SecretSource, secretSchema, secretText } from "./secret-source.ts";
import { limitedDuration, size } from "./units.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

export interface CapabilitiesConfig {
  readonly grants: Grants;
  readonly secrets: Readonly<Record<string, SecretSource>>;
}

/** Without a URL the values are in the cluster's Redis, and without a cluster in memory. */
export interface KvConfig {
  readonly url?: string;
}

const MAX_BODY = 16 * 1024 ** 2;
const HOST_TEXT = 'a host such as "api.example.com", "*.example.com", "api.example.com:8443" or "10.0.0.1:*"';
const POLICY_TEXT = 'the name of a policy, or the beginning of names with a "*" behind it';
const SECRET_NAME = "a name of letters, digits, _, . and -";

const boundedSize = () =>
  size(1, "1B").refine((bytes) => bytes <= MAX_BODY, { error: 'a size of at most "16MiB"' });

const fetchSchema = section(
  "FetchGrantInput",
  {
    hosts: z
      .array(
        text(HOST_TEXT).regex(/^(?:\*|(?:\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?:\d{1,5}|\*))?$/, {
          error: HOST_TEXT,
        }),
        { error: "a list of hosts" },
      )
      .min(1, { error: "at least one host" })
      .describe(
        'Hosts such as "api.example.com", "*.example.com" or "*", with a port, ":*" for any, or with that of the scheme.',
      ),
    methods: z
      .array(choice(METHODS), { error: 'a list of methods such as ["GET", "POST"]' })
      .min(1, { error: "at least one method" })
      .prefault(["GET"])
      .describe("Methods that requests may have."),
    maxRequestSize: boundedSize()
      .prefault("64KiB")
      .describe("Largest body of a request, in bytes or with a unit."),
    maxResponseSize: boundedSize()
      .prefault("1MiB")
      .describe("Largest body of an answer, unpacked, in bytes or with a unit."),
    timeout: limitedDuration()
      .prefault("2s")
      .describe("Longest time until the whole answer is there, within the time of the hook."),
    private: flag()
      .prefault(false)
      .describe("Whether addresses of private networks, of this machine and of the link may be asked."),
  },
  'an object such as { hosts: ["api.example.com"] }',
);

const namespaceShape = {
  namespace: text("a name")
    .regex(/^[\w@/.-]{1,128}$/, { error: "a name of letters, digits, @, /, _, . and -" })
    .optional()
    .describe(
      "Name that the keys stand under; policies with the same one share them. Default: the pack of the policy, or the policy.",
    ),
};

const kvGrantSchema = section("KvGrantInput", namespaceShape, 'an object such as { namespace: "limits" }');
const ratesGrantSchema = section(
  "RatesGrantInput",
  namespaceShape,
  'an object such as { namespace: "limits" }',
);

const grantSchema = section(
  "GrantInput",
  {
    fetch: fetchSchema
      .optional()
      .describe("Which servers the policy may ask over HTTP, and how. Default: none."),
    kv: z
      .union([z.literal(true, { error: "true" }), kvGrantSchema], {
        error: 'true, or an object such as { namespace: "limits" }',
      })
      .optional()
      .describe("Whether the policy may keep values, or under whose name. Default: it may not."),
    rates: z
      .union([z.literal(true, { error: "true" }), ratesGrantSchema], {
        error: 'true, or an object such as { namespace: "limits" }',
      })
      .optional()
      .describe(
        "Whether the policy may count how often something happens, or under whose name; who may keep values may. Default: it may not.",
      ),
    secrets: z
      .array(text(SECRET_NAME), { error: "a list of names of secrets" })
      .prefault([])
      .describe("Names of the `secrets` that the policy may read. Default: none."),
    alert: flag()
      .prefault(false)
      .describe("Whether the policy may raise alerts, for the `alerts` of the config."),
  },
  'an object such as { fetch: { hosts: ["api.example.com"] }, kv: true, secrets: ["API_KEY"] }',
);

export const grantsSchema = z.record(
  z
    .string()
    .regex(/^[^*]*\*?$/, { error: POLICY_TEXT })
    .min(1, { error: POLICY_TEXT }),
  grantSchema,
  { error: "an object of grants by the names of policies" },
);

export const secretsSchema = z.record(
  z.string().regex(/^[\w.-]{1,128}$/, { error: SECRET_NAME }),
  secretSchema,
  { error: 'an object such as { API_KEY: { env: "API_KEY" } }' },
);

export const kvSchema = section(
  "KvInput",
  {
    url: secretText(redisUrl(), "redis://127.0.0.1")
      .optional()
      .describe(
        'Redis that keeps the values for all machines, such as "redis://host:6379/0", asked by each worker itself. Default: that of `cluster`, asked by the supervisor for all workers; without one they are in memory.',
      ),
  },
  'an object such as { url: "redis://127.0.0.1:6379" }',
);

interface Parsed {
  readonly grants: z.output<typeof grantsSchema>;
  readonly secrets: z.output<typeof secretsSchema>;
}

/** One grant that somebody agreed to outside of the config. Undefined when it is none. */
export function resolveGrant(input: unknown): Grant | undefined {
  const { data } = parseShape(grantSchema, input);
  return data && buildGrant(data);
}

/** Why something is no grant, by the places in it. Empty when it is one. */
export function findGrantProblems(input: unknown): ConfigProblem[] {
  return describeIssues(parseShape(grantSchema, input).error?.issues ?? [], input);
}

export function resolveCapabilities({ grants, secrets }: Parsed, dir: string): CapabilitiesConfig {
  return {
    grants: mapValues(grants, buildGrant),
    secrets: mapValues(secrets, (source) => resolveSecret(source, dir)),
  };
}

export function resolveKv({ url }: z.output<typeof kvSchema>): KvConfig {
  return url === undefined ? {} : { url };
}

function buildGrant({ fetch, kv, rates, secrets, alert }: z.output<typeof grantSchema>): Grant {
  return {
    ...(fetch && { fetch: buildFetch(fetch) }),
    ...(kv && { kv: buildNamespace(kv) }),
    ...(rates && { rates: buildNamespace(rates) }),
    ...(secrets.length > 0 && { secrets }),
    ...(alert && { alert }),
  };
}

function buildNamespace(given: true | { readonly namespace?: string | undefined }) {
  return given === true || given.namespace === undefined ? {} : { namespace: given.namespace };
}

function buildFetch({
  maxRequestSize,
  maxResponseSize,
  timeout,
  ...rest
}: z.output<typeof fetchSchema>): FetchGrant {
  return { ...rest, maxRequestBytes: maxRequestSize, maxResponseBytes: maxResponseSize, timeoutMs: timeout };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
