import { PoliciesError } from "../../../../policies/error.ts";

export function isPoliciesError(error: unknown): boolean {
  return error instanceof PoliciesError;
}
