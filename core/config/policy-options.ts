import type { PolicyUseInput } from "./generated/config-input.ts";
import type { OwnPolicyOptions } from "./generated/own-options.ts";

/**
 * The options that a config may give to policies, by the names that uses have. Those of the packs that come with the gateway are here;
 * `framegate add` adds those of a pack by merging declarations, and so may you.
 */
export interface PolicyOptions extends OwnPolicyOptions {}

/**
 * Further names of policies, for an editor to complete: of those of the folder, and of packs without options that are known. They too are
 * added by merging declarations.
 */
// biome-ignore lint/suspicious/noEmptyInterface: only an interface can be added to
export interface PolicyNames {}

/** The name of a policy: an editor completes those that it knows, and any other is fine as well. */
// An intersection, so that the names are not lost in `string`.
export type PolicyName = keyof PolicyOptions | keyof PolicyNames | (string & {});

/** A use of a policy whose options are known. */
export type KnownUseInput = {
  readonly [Name in keyof PolicyOptions]: Omit<PolicyUseInput, "use" | "options"> & {
    readonly use: Name;
  } & (Partial<PolicyOptions[Name]> extends PolicyOptions[Name]
      ? { readonly options?: PolicyOptions[Name] }
      : { readonly options: PolicyOptions[Name] });
}[keyof PolicyOptions];

/** A use of any other policy. Without the known names, or one of those with a wrong option would pass for it. */
export type OtherUseInput<Name extends string> = Omit<PolicyUseInput, "use"> & {
  // While an editor looks for what a name may be, nothing is inferred of it.
  readonly use: string extends Name ? PolicyName : Exclude<Name, keyof PolicyOptions>;
};
