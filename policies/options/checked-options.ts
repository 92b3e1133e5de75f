export type Options = Readonly<Record<string, unknown>>;

/** The options with the schema's defaults filled in, or what is wrong with them, in one sentence without its end. */
export type CheckedOptions = { readonly options: Options } | { readonly problem: string };

export function unusableSchema(reason: string): string {
  return `its \`optionsSchema\` cannot be used: ${reason}`;
}
