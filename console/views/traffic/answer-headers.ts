import type { RequestRecord, UpgradeRecord } from "../../../core/traffic/records.ts";

type Headers = UpgradeRecord["request"];

/** @param wanted in lower case */
export function headerOf(headers: Headers, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** Where an answer sends the client; undefined: nowhere. */
export function redirectOf({
  status,
  response,
}: Pick<UpgradeRecord | RequestRecord, "status" | "response">): string | undefined {
  return status >= 300 && status < 400 ? headerOf(response, "location") : undefined;
}
