import type fc from "fast-check";

/**
 * One thing that reads what others have written. Its inputs are plain data (numbers, texts, lists, objects, bytes), so that
 * one that fails can be kept in a file.
 */
export interface FuzzTarget {
  /** Also the folder of its kept inputs. */
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  /** Tried first: what is known to be at a border. */
  readonly seeds: readonly unknown[];
  /** How many inputs the tests try: what takes about a third of a second. */
  readonly runs: number;
  /** @returns in a word or two what became of the input. Throws where it should not have become that. */
  readonly check: (input: never) => string | Promise<string>;
}

interface TargetSpec<Input> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  readonly seeds?: readonly Input[];
  readonly runs?: number;
  check(input: Input): string | Promise<string>;
}

export function defineTarget<Input>({ seeds = [], runs = 300, ...spec }: TargetSpec<Input>): FuzzTarget {
  return { ...spec, seeds, runs };
}

/**
 * Runs what reads the input: it may throw an error of the declared kind, and no other.
 *
 * @param refusal a class, or what tells such an error from others
 * @returns undefined when it was refused
 */
export function attempt<Result>(
  read: () => Result,
  isRefusal: (error: unknown) => boolean,
): { readonly value: Result } | undefined {
  try {
    return { value: read() };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
