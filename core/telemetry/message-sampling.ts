import type { EmitEvent } from "../events.ts";
import type { MessageSampler } from "../session/tap/message-sampler.ts";

/** Of one process. What is above it is counted and not told: many messages are to cost little more than few. */
const MESSAGES_PER_SECOND = 200;

/** Says which messages of traced sessions have spans of their own, and tells of them. */
export interface MessageSampling {
  /** Undefined: none of this session's. */
  open(id: string, route: string): MessageSampler | undefined;
}

/** @param share from 0 to 1 */
export function createMessageSampling(
  share: number,
  emit: EmitEvent,
  now: () => number = () => performance.now(),
): MessageSampling {
  let second = 0;
  let told = 0;
  let missed = 0;

  return {
    open(id, route) {
      if (share === 0) return undefined;
      return {
        takes: () => Math.random() < share && isWithinBudget(),
        message({ origin, sequence, trace, result }) {
          const { original, time, durationMs, steps } = trace;
          emit({
            type: "message-traced",
            ...{ id, route, origin, sequence, time, durationMs, outcome: result.outcome },
            length: original.bytes.length,
            steps: steps.map(({ policy, by = policy, version, action, afterMs, durationMs, detail }) => {
              return { policy: by, version, action, afterMs, durationMs, detail };
            }),
            missed,
          });
          missed = 0;
        },
      };
    },
  };

  function isWithinBudget(): boolean {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      told = 0;
    }
    if (told < MESSAGES_PER_SECOND) {
      told++;
      return true;
    }
    missed++;
    return false;
  }
}
