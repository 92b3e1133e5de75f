import { z } from "zod";
import { originPattern } from "../origins.ts";
import { flag, section, text } from "../schema-parts.ts";
import { limitedDuration } from "../units.ts";

/** Plain JSON; names in lower case. */
export interface Cors {
  /** Undefined: those of the route. */
  readonly origins?: readonly string[];
  readonly methods: readonly string[];
  /** Undefined: those that are asked for. */
  readonly allowedHeaders?: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds?: number;
}

const ANY_NAME = "the name of a header or method";
const names = z.array(text(ANY_NAME).regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: ANY_NAME }), {
  error: "a list of names",
});

const profileShape = {
  origins: z
    .array(originPattern, { error: "a list of origins" })
    .optional()
    .describe(
      "Origins whose pages may read answers, written as in `origins` of a route. Default: the route's `origins`.",
    ),
  methods: names.optional().describe('Methods that a preflight allows. Default: ["GET", "HEAD", "POST"].'),
  allowedHeaders: names
    .optional()
    .describe("Request headers that a preflight allows. Default: those it asks for."),
  exposedHeaders: names
    .optional()
    .describe("Answer headers that pages may read beside the simple ones. Default: []."),
  credentials: flag().optional().describe("Whether pages may send cookies and credentials. Default: false."),
  maxAge: limitedDuration()
    .optional()
    .describe("How long a browser may keep the answer to a preflight. Default: as long as it likes."),
};

const profileSchema = section("CorsProfileInput", profileShape, "an object such as { origins, methods }");

export const corsProfiles = z
  .record(z.string(), profileSchema, { error: "an object of profiles" })
  .prefault({})
  .describe("Options of `cors` that routes share by name. Default: none.");

export const corsOption = z
  .union(
    [
      text("the name of a profile"),
      section(
        "CorsInput",
        {
          profile: text("the name of a profile")
            .optional()
            .describe(
              "Name of the profile of `corsProfiles` whose options hold where the route sets none. Default: none.",
            ),
          ...profileShape,
        },
        "an object such as { origins, methods } or the name of a profile",
      ),
    ],
    { error: "an object such as { origins, methods } or the name of a profile" },
  )
  .optional()
  .describe(
    "What pages of other origins may do with plain HTTP on the route, or the name of a profile. Default: nothing is said about it.",
  );

type ParsedCors = z.output<typeof corsOption>;
export type CorsProfiles = z.output<typeof corsProfiles>;

/** The profile that a route names, as it is written; undefined for none. */
export function profileOf(cors: unknown): string | undefined {
  if (typeof cors === "string") return cors;
  const profile = typeof cors === "object" && cors !== null && "profile" in cors ? cors.profile : undefined;
  return typeof profile === "string" ? profile : undefined;
}

export function resolveCors(cors: ParsedCors, profiles: CorsProfiles): Cors | undefined {
  if (cors === undefined) return undefined;
  const own = typeof cors === "string" ? {} : cors;
  const name = profileOf(cors);
  const shared = name !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : {};
  const { origins, methods, allowedHeaders, exposedHeaders, credentials, maxAge } = { ...shared, ...own };
  return {
    ...(origins !== undefined && { origins: origins.map((origin) => origin.toLowerCase()) }),
    methods: methods ?? ["GET", "HEAD", "POST"],
    ...(allowedHeaders !== undefined && { allowedHeaders: allowedHeaders.map((name) => name.toLowerCase()) }),
    exposedHeaders: exposedHeaders ?? [],
    credentials: credentials ?? false,
    ...(maxAge !== undefined && { maxAgeSeconds: Math.floor(maxAge / 1000) }),
  };
}
