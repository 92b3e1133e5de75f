import type { OsSandbox } from "../../sandbox/contract/limits.ts";
import { findJail, SandboxError } from "../../sandbox/index.ts";
import type { Problem } from "../problem.ts";

export interface JailFinding {
  readonly problems: readonly Problem[];
  /** What is worth to be known, and no problem. */
  readonly notes: readonly string[];
  /** What policies are to be loaded with, to see what is wrong with them all the same. */
  readonly os: OsSandbox;
}

/** Whether the operating system can wall sandbox hosts in, as the config wants it. */
export async function checkJail(os: OsSandbox): Promise<JailFinding> {
  try {
    const { shortfall } = await findJail(os);
    return { problems: [], notes: shortfall === undefined ? [] : [`warning: ${shortfall}`], os };
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return { problems: [{ place: "", message: error.message }], notes: [], os: "auto" };
  }
}
