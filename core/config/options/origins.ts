import { z } from "zod";
import type { ConfigProblem } from "../errors.ts";
import { text } from "./schema-parts.ts";

const ANY_ORIGIN =
  'an origin such as "https://app.example.com", "https://*.example.com" or "http://localhost:*", "same", "null" or "*"';
export const originPattern = text(ANY_ORIGIN).regex(
  /^(\*|same|null|[a-z][a-z0-9+.-]*:\/\/(\*\.)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(:(\d+|\*))?)$/i,
  { error: ANY_ORIGIN },
);
const ANY_LIST = 'a list of origins such as ["https://app.example.com"]';
const originList = z.array(originPattern, { error: ANY_LIST });

/** Where nothing is said: pages of the host that they ask, and no others. */
export const SAFE_ORIGINS = ["same"];

/** And whatever port a developer's own machine serves pages from. */
export const ORIGINS_OF_DEVELOPMENT = [
  ...SAFE_ORIGINS,
  ...["http://localhost:*", "https://localhost:*", "http://127.0.0.1:*", "https://127.0.0.1:*"],
];

export const originProfiles = z
  .record(z.string(), originList, { error: "an object of lists of origins" })
  .prefault({})
  .describe("Lists of origins that the config, listeners and routes share by name. Default: none.");

/** A list, or the name of one. */
export const originsOption = z.union([text("the name of a profile"), originList], {
  error: `${ANY_LIST}, or the name of a profile`,
});

export type OriginProfiles = z.output<typeof originProfiles>;

/** What of the config around says what a name stands for. */
export interface OriginsAround {
  readonly originProfiles: OriginProfiles;
  readonly problems: ConfigProblem[];
}

/** Patterns in lower case; none for a name that is no profile, which is a problem. @param place of the option */
export function resolveOrigins(
  origins: z.output<typeof originsOption>,
  place: string,
  { originProfiles: profiles, problems }: OriginsAround,
): readonly string[] {
  const list = typeof origins === "string" ? profileOf(origins, profiles) : origins;
  if (list !== undefined) return list.map((pattern) => pattern.toLowerCase());
  const known = Object.keys(profiles).join(", ") || "none";
  problems.push({
    path: place,
    message: `expected ${ANY_LIST} or a profile of originProfiles (${known}), got "${origins}"`,
  });
  return [];
}

function profileOf(name: string, profiles: OriginProfiles): readonly string[] | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}
