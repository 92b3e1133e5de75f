/** What a capability refuses or fails to do, in words that the policy may read. `kind` is the name of its error there. */
export class CapabilityError extends Error {
  override readonly name = "CapabilityError";
  readonly kind: "Error" | "TypeError" | "RangeError" | "TimeoutError" | "NotGrantedError";

  constructor(kind: CapabilityError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
