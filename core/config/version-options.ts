import { isObject } from "../../policies/is-object.ts";

/** What a version of a source says, checked as far as its names. */
export type VersionInput = Readonly<Record<string, unknown>>;

/** What a version may say: routes, and what they go by. All else is the machine's. */
const OPTIONS: readonly string[] = [
  ...["routes", "upstreams", "connect", "grants", "originProfiles", "corsProfiles"],
  ...["mirror", "rollout", "upgradeRate"],
];

/** The machine's own config with what a version says in place of it, option by option. */
export function layOver(input: unknown, version: VersionInput | undefined): unknown {
  return version === undefined || !isObject(input) ? input : { ...input, ...version };
}

/** Of a config, what a version may say. */
export function versionPartOf(input: unknown): VersionInput {
  const given = isObject(input) ? Object.entries(input) : [];
  return Object.fromEntries(given.filter(([option]) => OPTIONS.includes(option)));
}

/** Options that a version may not have. */
export function foreignOptionsOf(input: VersionInput): readonly string[] {
  return Object.keys(input).filter((option) => !OPTIONS.includes(option));
}

export function wordVersionOptions(): string {
  return `a version of a source says ${OPTIONS.join(", ")}; all else is said on each machine`;
}
