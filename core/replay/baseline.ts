import { z } from "zod";
import { parseShape } from "../../policies/pack/parse-shape.ts";
import { RecordingError } from "../recording/errors.ts";
import { type DifferenceGroup, fingerprintOf } from "./groups.ts";

const baselineSchema = z.strictObject({
  type: z.literal("framegate-baseline"),
  version: z.literal(1),
  accepted: z.array(
    z.strictObject({
      policy: z.string(),
      hook: z.string(),
      paths: z.array(z.string()),
      fingerprints: z.array(z.string()),
    }),
  ),
});

/** Differences that somebody has agreed to. */
export interface Baseline {
  readonly fingerprints: ReadonlySet<string>;
}

export const emptyBaseline: Baseline = { fingerprints: new Set() };

/** @throws RecordingError */
export function readBaseline(text: string, name: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = parseShape(baselineSchema, value);
  if (!parsed.success) {
    const message = `${name}: expected a baseline that \`framegate replay --accept\` wrote. Delete it, and accept anew.`;
    throw new RecordingError("ERR_RECORDING_FORMAT", message);
  }
  return { fingerprints: new Set(parsed.data.accepted.flatMap(({ fingerprints }) => fingerprints)) };
}

/** In an order that is the same each time, a line for each: it is to be read in reviews. */
export function writeBaseline(groups: readonly DifferenceGroup[]): string {
  const accepted = groups.map(({ policy, hook, paths, differences }) => ({
    policy,
    hook,
    paths: [...paths],
    fingerprints: differences.map(fingerprintOf).sort(),
  }));
  const keyed = accepted.map((group) => ({ group, key: JSON.stringify(group) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const whole: z.infer<typeof baselineSchema> = {
    type: "framegate-baseline",
    version: 1,
    accepted: keyed.map(({ group }) => group),
  };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

/** Only what nobody has agreed to. */
export function withoutAccepted(groups: readonly DifferenceGroup[], baseline: Baseline): DifferenceGroup[] {
  return groups
    .map((group) => ({
      ...group,
      differences: group.differences.filter((one) => !baseline.fingerprints.has(fingerprintOf(one))),
    }))
    .filter(({ differences }) => differences.length > 0);
}
