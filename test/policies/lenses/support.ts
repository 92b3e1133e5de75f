import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { loadPolicy, type TestPolicy } from "../../../testing/index.ts";
import { makeFolder } from "../../config/folder.ts";

/** A policy with this text, in a sandbox. */
export async function loadLens(t: ExecutionContext, text: string): Promise<TestPolicy> {
  const dir = await makeFolder(t, { "lens.ts": text });
  const policy = await loadPolicy(join(dir, "lens.ts"), { limits: { messageTimeoutMs: 2000 } });
  t.teardown(() => policy.dispose());
  return policy;
}

/** Cut into pieces of so many bytes. */
export function inPieces(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}
