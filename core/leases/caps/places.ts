import { hash } from "node:crypto";
import type { OnStoreLoss } from "../../../sandbox/index.ts";
import type { Soon } from "./soon.ts";

/** Calls back when there may be a place for one who waits. */
export type OnPlace = () => void;

export interface CapLimit {
  /** Above 0. */
  readonly most: number;
  /** While the fleet's store cannot be asked. */
  readonly onStoreLoss: OnStoreLoss;
}

/** "unknown": the book has to be asked. */
export type Vacancy = "some" | "none" | "unknown";

/**
 * Places below caps, by key: what is taken is open, and no more is open than the cap over all who share the book. Each caller
 * says what the cap is.
 */
export interface CapPlaces {
  /** What is known of it at once. */
  room(key: string, cap: CapLimit): Vacancy;
  /** @returns whether there was one */
  take(key: string, cap: CapLimit): Soon<boolean>;
  give(key: string): void;
  /** So many are open that were not counted, whatever the cap is: it has just been set. */
  declare(key: string, count: number): void;
  /** So many wait here for a place. @param count 0: none any more */
  expect(key: string, cap: CapLimit, count: number, onPlace: OnPlace): void;
}

/** How far a cap goes: over the workers of this machine, or over all machines that share a cluster. */
export type CapScope = "machine" | "fleet";

export function isOfFleet(key: string): boolean {
  return key.startsWith("fleet:");
}

/** Tells what a cap is on from all else. Of one length, whatever a client sends, and no secret of its. */
export function capKey(scope: CapScope, ...what: readonly string[]): string {
  return `${scope}:${hash("sha256", JSON.stringify(what), "base64url")}`;
}
