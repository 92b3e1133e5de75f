import fc from "fast-check";
import { encodeInput, readCorpus } from "./corpus.ts";
import type { FuzzTarget } from "./target.ts";

export interface FuzzBudget {
  /** The same seed tries the same inputs. */
  readonly seed: number;
  readonly runs?: number;
  readonly milliseconds?: number;
  /** Hears each input before it is tried. */
  onInput?(input: unknown): void;
}

export interface FuzzOutcome {
  readonly runs: number;
  /** How many inputs became what. */
  readonly kinds: Readonly<Record<string, number>>;
  /** The smallest input that was found to fail. */
  readonly crash?: { readonly input: string; readonly error: string };
}

/** Tries what was kept, the seeds, and then inputs of its own, until the budget is used up or one fails. */
export async function fuzz(target: FuzzTarget, budget: FuzzBudget): Promise<FuzzOutcome> {
  const { seed, runs = Number.MAX_SAFE_INTEGER, milliseconds, onInput } = budget;
  const check = target.check as (input: unknown) => string | Promise<string>;
  const kinds: Record<string, number> = {};
  const property = fc.asyncProperty(target.inputs, async (input) => {
    onInput?.(input);
    const kind = await check(input);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    examples: [...readCorpus(target.name), ...target.seeds].map((input): [unknown] => [input]),
    ...(milliseconds !== undefined && {
      interruptAfterTimeLimit: milliseconds,
      markInterruptAsFailure: false,
    }),
  });
  const found = { runs: details.numRuns, kinds };
  if (!details.failed) return found;
  const error = (details.errorInstance as Error | undefined)?.stack ?? String(details.errorInstance);
  return { ...found, crash: { input: encodeInput(details.counterexample?.[0]), error } };
}
