import test from "ava";
import { judgeAudit } from "../../scripts/audit/judge.ts";

const report = (severity: string, via: readonly unknown[]) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities: { ws: { severity, range: "<8.17.1", via } } });
const advisory = { title: "DoS by many headers", url: "https://github.com/advisories/GHSA-3h5v-q93c-6h6q" };

test("a known vulnerability of high severity fails, with what it is", (t) => {
  for (const severity of ["high", "critical"]) {
    const { isBad, lines } = judgeAudit(report(severity, [advisory]));
    t.true(isBad);
    t.is(lines[0], `audit: ws <8.17.1: ${severity}: ${advisory.title} (${advisory.url})`);
  }
  t.regex(judgeAudit(report("high", ["other"])).lines[0] ?? "", /by way of other/);
});

test("one of less severity is counted", (t) => {
  const { isBad, lines } = judgeAudit(report("moderate", [advisory]));
  t.false(isBad);
  t.deepEqual(lines, [
    "audit: 1 known vulnerabilities in production dependencies, 0 of them high or critical",
  ]);
});

test("a service that cannot be asked is said in one line, and is no failure", (t) => {
  const refused = JSON.stringify({
    message: "405 Method Not Allowed - POST https://r.example/\nmore",
    statusCode: 405,
  });
  for (const answer of [refused, "", "<html>", "null", "[]"]) {
    const { isBad, lines } = judgeAudit(answer);
    t.false(isBad, answer);
    t.is(lines.length, 1);
    t.regex(lines[0] ?? "", /^audit: no advisories, the service cannot be asked: [^\n]+$/);
  }
});
