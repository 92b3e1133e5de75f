import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../../../policies/is-object.ts";
import { jsonOf } from "../../../policies/standard/lib/json-check.ts";
import type { StoredDescription } from "../changes/description-changes.ts";

/** What an earlier run has left; undefined where there was none, or somebody has made another thing of it. */
export async function readStoredDescription(
  dir: string,
  name: string,
): Promise<StoredDescription | undefined> {
  const text = await readFile(join(dir, name), "utf8").catch(() => undefined);
  const value = text === undefined ? undefined : jsonOf({ body: text })?.value;
  const isStored =
    isObject(value) && typeof value.path === "string" && isSide(value.client) && isSide(value.server);
  return isStored ? (value as unknown as StoredDescription) : undefined;
}

function isSide(value: unknown): boolean {
  return isObject(value) && isObject(value.messages) && Object.values(value.messages).every(isObject);
}
