import type { Bundle } from "../bundle/bundle.ts";
import { bundleSource } from "../bundle/bundler.ts";
import { PoliciesError } from "../error.ts";
import type { PolicySource } from "../folder.ts";
import { type Stamps, stampsOfRead } from "./stamps.ts";

/** A build that has ended, and the files as it read them. */
export type Compilation =
  | { readonly bundle: Bundle; readonly stamps: Stamps }
  | { readonly error: PoliciesError; readonly stamps: Stamps };

export async function compile(source: PolicySource): Promise<Compilation> {
  const readSince = Date.now();
  try {
    const bundle = await bundleSource(source);
    return { bundle, stamps: await stampsOfRead(bundle.inputs, readSince) };
  } catch (error) {
    if (!(error instanceof PoliciesError)) throw error;
    return { error, stamps: await stampsOfRead(error.inputs, readSince) };
  }
}
