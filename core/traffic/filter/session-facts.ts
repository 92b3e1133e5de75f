import { ownValue } from "../../net/own-value.ts";
import type { SessionFacts, UpgradeRecord } from "../records.ts";

type FactualRecord = Pick<
  UpgradeRecord,
  "attributes" | "path" | "subprotocol" | "client" | "server" | "request"
>;

/** What its upgrade says of a session. @param subjects the attributes that say who it is of: the first that it has */
export function factsOf(record: FactualRecord, subjects: readonly string[]): SessionFacts {
  const { attributes, path, subprotocol, client, server, request } = record;
  const host = fieldIn(request, "host");
  return { subject: subjectOf(attributes, subjects), attributes, path, host, subprotocol, client, server };
}

/** With what a hook has set of the attributes since. */
export function withAttributes(upgrade: UpgradeRecord, changes: SessionFacts["attributes"]): UpgradeRecord {
  return { ...upgrade, attributes: { ...upgrade.attributes, ...changes } };
}

/** Text as it is, everything else as its JSON; `a.b` is in `a`, where no attribute is called so. */
export function attributeText(attributes: SessionFacts["attributes"], name: string): string | undefined {
  let value = ownValue(attributes, name);
  if (value === undefined && name.includes(".")) value = readInside(attributes, name.split("."));
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function fieldIn(headers: UpgradeRecord["request"], wanted: string): string {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

function subjectOf(attributes: SessionFacts["attributes"], subjects: readonly string[]): string {
  for (const name of subjects) {
    const value = attributeText(attributes, name);
    if (value !== undefined && value !== "") return value;
  }
  return "";
}

function readInside(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = ownValue(at as Readonly<Record<string, unknown>>, name);
  }
  return at;
}
