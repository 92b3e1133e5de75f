import { randomBytes } from "node:crypto";

/** Ids of sessions: short, and unlike those of any other process. */
export function createIds(): { readonly prefix: string; next(): string } {
  const prefix = randomBytes(5).toString("hex");
  let count = 0;
  return { prefix, next: () => `${prefix}-${(count++).toString(36)}` };
}
