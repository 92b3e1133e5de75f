/** As `kv` and `secrets` of the hooks' contexts: as much of them as is used here. */
export interface Kv {
  increment(key: string, by: number, options: { readonly expires: number }): Promise<number>;
}

export interface Secrets {
  get(name: string): Promise<string>;
}

declare module "framegate/policy" {
  interface UpgradeHookContext<Options> {
    readonly secrets: Secrets;
  }
  interface MessageHookContext<Options, Session extends object> {
    readonly kv: Kv;
    readonly secrets: Secrets;
  }
}
