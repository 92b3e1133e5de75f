/** A certificate's life: times of day, in ms. */
export interface Life {
  readonly notBefore: number;
  readonly notAfter: number;
}

const MINUTE_MS = 60_000;
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LONGEST_RETRY_MS = 6 * 60 * MINUTE_MS;
/** The clock may be set, and a machine sleep: so often at least it is looked at again. */
const LOOK_EVERY_MS = 12 * 60 * MINUTE_MS;
/** Of its life: with a third left there is time to try again, and for people to see that it must be. */
const RENEWED_AFTER = 2 / 3;
/** Of its life: those that were ordered together are not renewed together. */
const SPREAD = 1 / 30;

/** When it is renewed. @param random from 0 to 1 */
export function renewalTime({ notBefore, notAfter }: Life, random: number): number {
  return notBefore + (notAfter - notBefore) * (RENEWED_AFTER - SPREAD * random);
}

/** When a certificate that is renewed after `dueMs` is looked at again: one that is due as it comes does not make a storm. */
export function lookDelay(dueMs: number): number {
  return Math.min(Math.max(dueMs, FIRST_RETRY_MS), LOOK_EVERY_MS);
}

/** How long after so many failures in a row it is tried again: authorities count them by the hour. @param random from 0 to 1 */
export function retryDelay(failures: number, random: number): number {
  const whole = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
  return whole * (1 - random / 2);
}
