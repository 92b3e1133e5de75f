import { z } from "zod";

const reportSchema = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), range: z.string(), via: z.array(z.unknown()) }),
  ),
});
const advisorySchema = z.object({ title: z.string(), url: z.string() });

/** Severities that a release does not go out with. */
const BAD = ["high", "critical"];

/**
 * What is to be made of the report of `npm audit --json`. An advisory service that cannot be asked is no reason to fail: a
 * registry of one's own, or a mirror, has none.
 */
export function judgeAudit(report: string): { readonly isBad: boolean; readonly lines: readonly string[] } {
  const json = parse(report);
  const read = reportSchema.safeParse(json);
  if (!read.success)
    return { isBad: false, lines: [`audit: no advisories, the service cannot be asked: ${reasonOf(json)}`] };
  const found = Object.entries(read.data.vulnerabilities);
  const bad = found.filter(([, { severity }]) => BAD.includes(severity));
  const lines = bad.map(([name, { severity, range, via }]) => {
    const advisories = via.flatMap((each) => advisorySchema.safeParse(each).data ?? []);
    const titles = advisories.map(({ title, url }) => `${title} (${url})`);
    return `audit: ${name} ${range}: ${severity}: ${titles.join("; ") || `by way of ${via.join(", ")}`}`;
  });
  const count = `audit: ${found.length} known vulnerabilities in production dependencies, ${bad.length} of them high or critical`;
  return { isBad: bad.length > 0, lines: [...lines, count] };
}

function parse(report: string): unknown {
  try {
    return JSON.parse(report);
  } catch {
    return undefined;
  }
}

function reasonOf(json: unknown): string {
  const message = z.object({ message: z.string() }).safeParse(json).data?.message;
  return message?.split("\n", 1)[0] ?? "no answer";
}
