import { hash } from "node:crypto";

/** A version that is on its way: which share of the sessions, from 0 to 1, is on its side. */
export interface CanaryShare {
  readonly policy: string;
  readonly version: string;
  readonly share: number;
}

/** The versions that are on their way, as the newest plan says. */
export class CanaryShares {
  #shares: ReadonlyMap<string, CanaryShare> = new Map();

  update(shares: readonly CanaryShare[]): void {
    this.#shares = new Map(shares.map((each) => [each.policy, each]));
  }

  /** Whether sessions with this key are on the side of this version. */
  isCanary(policy: string, version: string, key: string): boolean {
    const canary = this.#shares.get(policy);
    return canary?.version === version && pointOf(policy, version, key) < canary.share;
  }
}

/**
 * Where a key is between 0 and 1: the same in all processes, and at any time. Whoever is below a share is below each larger
 * one, so that sessions keep their side as the share grows; another version has other sessions first.
 */
export function pointOf(policy: string, version: string, key: string): number {
  const bytes = hash("sha1", `${policy}\n${version}\n${key}`, "buffer");
  return bytes.readUIntBE(0, 6) / 2 ** 48;
}
