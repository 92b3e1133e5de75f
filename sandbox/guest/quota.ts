/** How much one call may ask of the host. Its clock stands still meanwhile, so the timeout alone does not bound this. */
const MAX_UNITS = 1000;
const BYTES_PER_UNIT = 16_384;

export interface Quota {
  startCall(): void;
  spend(bytes: number): void;
}

export function createQuota(): Quota {
  let left = MAX_UNITS;
  return {
    startCall() {
      left = MAX_UNITS;
    },
    spend(bytes) {
      left -= 1 + bytes / BYTES_PER_UNIT;
      if (left < 0)
        throw new RangeError(
          "This call has asked the gateway for too much (URL, crypto): do less in one call.",
        );
    },
  };
}
