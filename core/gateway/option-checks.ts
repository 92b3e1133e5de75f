import { type CheckedOptions, type Options, unusableSchema } from "../../policies/options/checked-options.ts";
import type { OptionsCheck } from "../routes/chains.ts";

/** @returns what a schema says of options; rejects where it could not be asked */
export type AskSchema = (schema: unknown, options: Options) => Promise<CheckedOptions>;

/**
 * What schemas say of options, asked once for each pair. Planning is pure and asks at once; so it is done again for as
 * long as there is something that it asked in vain.
 *
 *   plan ──▶ all was known ──▶ done
 *    ▲            │ not all
 *    └── ask ◀────┘
 */
export class OptionChecks {
  readonly #ask: AskSchema;
  /** What the last plan asked for. What could not be asked is asked anew by the next. */
  #known: ReadonlyMap<string, CheckedOptions> = new Map();

  constructor(ask: AskSchema) {
    this.#ask = ask;
  }

  /** @param plan Run several times: it must do nothing but compute. */
  async settle<T>(plan: (check: OptionsCheck) => T): Promise<T> {
    const answers = new Map(this.#known);
    const failed = new Set<string>();
    for (;;) {
      const used = new Map<string, CheckedOptions>();
      const missing = new Map<string, () => Promise<CheckedOptions>>();
      const result = plan((schema, options) => {
        if (schema === undefined) return { options };
        const key = JSON.stringify([schema, options]);
        const answer = answers.get(key);
        if (answer === undefined) missing.set(key, () => this.#ask(schema, options));
        else if (!failed.has(key)) used.set(key, answer);
        return answer ?? { options };
      });
      if (missing.size === 0) {
        this.#known = used;
        return result;
      }
      await Promise.all(
        [...missing].map(async ([key, ask]) => {
          const answer = await ask().catch((error: Error) => {
            failed.add(key);
            return { problem: unusableSchema(error.message) };
          });
          answers.set(key, answer);
        }),
      );
    }
  }
}
