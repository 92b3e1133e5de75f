/** What is asked of an AbortSignal by who waits for something on behalf of a client: any AbortSignal is one. */
export interface GoneSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
