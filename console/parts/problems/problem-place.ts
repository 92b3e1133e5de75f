import type { ProblemView } from "../../../core/admin/api/problems/problem-schema.ts";

/** Where there is more of it; undefined: nowhere in this page. */
export function problemPlace({ kind, name }: ProblemView): string | undefined {
  switch (kind) {
    case "policy-failed":
    case "policy-failing":
    case "policy-breaker":
    case "policy-stale":
    case "policy-gone":
    case "policy-quarantine":
      return `/policies/${encodeURIComponent(name)}`;
    case "policies-folder":
    case "source-refused":
    case "source-silent":
      return "/policies";
    case "fleet-lost":
    case "fleet-name":
      return "/fleet";
    case "route":
    case "traffic-unreadable":
    case "traffic-store":
    case "sink":
    case "certificate":
    case "sandbox":
      return undefined;
  }
}
