import { z } from "zod";
import type { RolloutRule } from "../../rollout/health.ts";

const RULES = [
  ...(["faults", "closes", "p99", "shadowDiffs", "breaker", "host", "load", "options", "operator"] as const),
] as const satisfies readonly RolloutRule[];

const count = z.number().min(0);
const node = z.string().max(200);
const harmSchema = z.object({ rule: z.enum(RULES), detail: z.string().max(2_000) });

/** Of one version of one policy, for all machines; whatever else is in it is of a newer Framegate. */
export const recordSchema = z.object({
  /** One more with each change: two that change the same know it by that. */
  revision: z.int().min(1),
  round: z.int().min(1),
  state: z.enum(["on its way", "paused", "taken back", "finished"]),
  stage: z.int().min(0),
  step: z.int().min(0),
  share: z.number().min(0).max(1),
  /** Those that take part; null: all. */
  machines: z.array(node).max(10_000).nullable(),
  /** When the stage began, by the clock of Redis. */
  since: z.number(),
  harm: harmSchema.nullable(),
});

const tallySchema = z.object({
  calls: count,
  faults: count,
  sessions: count,
  closes: count,
  latency: z.array(z.tuple([count, count])).max(1_000),
});

/** What a machine says of it. */
export const reportSchema = z.object({
  round: z.int().min(0),
  stage: z.int().min(0),
  isTakingPart: z.boolean(),
  numbers: z.object({
    canary: tallySchema,
    stable: tallySchema,
    shadow: z.object({ calls: count, differs: count }).exactOptional(),
  }),
  harm: harmSchema.nullable(),
});

export type SharedRecord = z.infer<typeof recordSchema>;
export type OwnReport = z.infer<typeof reportSchema>;

export interface MachineReport extends OwnReport {
  readonly node: string;
  /** Since it came. */
  readonly ageMs: number;
}

/** Undefined: there is none, or it cannot be read. */
export function readWay(text: string): SharedRecord | undefined {
  return parse(text, recordSchema);
}

/** Of what the script has answered: names and, beside each, when it came and what it says. */
export function readReports(rows: readonly unknown[], now: number): readonly MachineReport[] {
  const reports: MachineReport[] = [];
  for (let at = 0; at + 1 < rows.length; at += 2) {
    const [name, row] = [String(rows[at]), String(rows[at + 1])];
    const space = row.indexOf(" ");
    const report = parse(row.slice(space + 1), reportSchema);
    if (report !== undefined)
      reports.push({ ...report, node: name, ageMs: Math.max(0, now - Number(row.slice(0, space))) });
  }
  return reports.sort((a, b) => (a.node < b.node ? -1 : 1));
}

function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.infer<Schema> | undefined {
  if (text === "") return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
