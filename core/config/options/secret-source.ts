import { resolve } from "node:path";
import { z } from "zod";
import { section, text } from "./schema-parts.ts";

/** Where a secret's value comes from. A path is absolute. */
export type SecretSource = { readonly env: string } | { readonly file: string };

const SOURCE_TEXT = 'where the value is, as { env: "NAME" } or { file: "path" }';

/** Where a value is that is not to stand in a config. */
export const secretSchema = secretSource();

type ParsedSource = z.output<typeof secretSchema>;

export function resolveSecret({ env, file }: ParsedSource, dir: string): SecretSource {
  return env === undefined ? { file: resolve(dir, file as string) } : { env };
}

/** What texts may be that are read from elsewhere, and what stands in where nobody needs them and they are not there. */
export const secretPlaces = z.registry<{ readonly standIn: string }>();

/**
 * A text that may hold a secret: written as it is, or where it is. What was read has taken the place of the latter by now, but for where nobody may ask for what this
 * machine has: in the route of a policy, and in a version of a source.
 *
 * @param plain what the text has to be
 * @param standIn such a text, for commands that only look at a config
 */
export function secretText<Plain extends z.ZodType<string, string>>(plain: Plain, standIn: string) {
  const error = plain.safeParse(undefined).error?.issues[0]?.message;
  return z
    .union([z.string({ error }), secretSource().register(secretPlaces, { standIn })], { error })
    .transform((value, context) => {
      if (typeof value === "string") return value;
      context.addIssue({
        code: "custom",
        message: "text: only the config of a machine says where its secrets are",
      });
      return z.NEVER;
    })
    .pipe(plain);
}

function secretSource() {
  return section(
    "SecretInput",
    {
      env: text("the name of an environment variable")
        .optional()
        .describe("Environment variable of the gateway that has the value."),
      file: text("the path of a file")
        .optional()
        .describe(
          "File that has the value, relative to the config file; a line break at its end does not count.",
        ),
    },
    SOURCE_TEXT,
  ).superRefine(({ env, file }, context) => {
    if ((env === undefined) === (file === undefined)) {
      context.addIssue({ code: "custom", message: `${SOURCE_TEXT}, one of the two` });
    }
  });
}
