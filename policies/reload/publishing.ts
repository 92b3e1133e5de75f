import { createRerun } from "./rerun.ts";

/** Puts what is new into effect: as it comes, or all of it at once. */
export interface Publishing {
  request(): void;
  /** Settles when what was asked for is in effect. */
  idle(): Promise<void>;
  /** Nothing is published while `gather` runs; `put` has all that came of it. When it rejects that waits for the next request. */
  whole(gather: () => Promise<void>, put: () => Promise<void>): Promise<void>;
}

export function createPublishing(publish: () => Promise<void>): Publishing {
  const publishing = createRerun(publish);
  let isHeld = false;
  let isAsked = false;

  function request(): void {
    if (isHeld) isAsked = true;
    else void publishing.request();
  }

  return {
    request,
    idle: publishing.idle,
    async whole(gather, put) {
      isHeld = true;
      try {
        // One that was asked for before must not see the half of it.
        await publishing.idle();
        await gather();
        isAsked = false;
        await put();
      } finally {
        isHeld = false;
      }
      if (isAsked) request();
    },
  };
}
