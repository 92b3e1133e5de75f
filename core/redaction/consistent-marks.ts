import { createHmac, randomBytes } from "node:crypto";
import type { SecretMark } from "./spans.ts";

/**
 * For one file: equal secrets get equal placeholders, numbered as they come. Kept of them is nothing but a digest with a key
 * of its own, so that neither the file nor what is in memory tells what they were.
 */
export function createConsistentMarks(): SecretMark {
  const key = randomBytes(32);
  const numbers = new Map<string, number>();
  return (secret) => {
    const digest = createHmac("sha256", key).update(secret).digest("base64");
    const number = numbers.get(digest) ?? numbers.size + 1;
    numbers.set(digest, number);
    return `[redacted:${number}]`;
  };
}
