import { rawText } from "./body-view.ts";
import { hasPlaceholder, isHiddenAs } from "./placeholders.ts";

/** Of one value within two pieces of JSON; without `before` it is new, without `after` it is gone. */
export interface ValueChange {
  /** As in `message.json[1].price`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What differs, outermost first, in the order of `before`. Where it has a redaction's placeholder anything may be. */
export function diffJson(before: unknown, after: unknown, path = ""): ValueChange[] {
  if (Object.is(before, after)) return [];
  if (typeof before === "string" && isHiddenAs(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isRecord(before) && isRecord(after)) return diffRecords(before, after, path);
  return [{ path, before, after }];
}

function diffLists(before: readonly unknown[], after: readonly unknown[], path: string): ValueChange[] {
  const changes: ValueChange[] = [];
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const here = `${path}[${i}]`;
    if (i >= before.length) changes.push({ path: here, after: after[i] });
    else if (i >= after.length) changes.push({ path: here, before: before[i] });
    else changes.push(...diffJson(before[i], after[i], here));
  }
  return changes;
}

type JsonRecord = Readonly<Record<string, unknown>> & { readonly [rawText]?: string };

function diffRecords(before: JsonRecord, after: JsonRecord, path: string): ValueChange[] {
  const changes: ValueChange[] = [];
  for (const key of Object.keys(before)) {
    const here = join(path, key);
    if (Object.hasOwn(after, key)) changes.push(...diffJson(before[key], after[key], here));
    else changes.push({ path: here, before: before[key] });
  }
  for (const key of Object.keys(after))
    if (!Object.hasOwn(before, key)) changes.push({ path: join(path, key), after: after[key] });
  return changes.length > 0 ? changes : diffTexts(before, after, path);
}

/** Bodies that hold the same, and are written otherwise: numbers beyond what JavaScript knows, spaces, an order. */
function diffTexts(
  { [rawText]: before }: JsonRecord,
  { [rawText]: after }: JsonRecord,
  path: string,
): ValueChange[] {
  if (before === undefined || after === undefined || before === after || hasPlaceholder(before)) return [];
  return [{ path: join(path, "text"), before, after }];
}

function join(path: string, key: string): string {
  if (!/^[\w$]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
