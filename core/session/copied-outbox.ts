import { Outbox } from "./outbox.ts";

/** An outbox of which somebody else gets copies: of all bytes that are pushed and are to leave, at that moment and no later. */
export class CopiedOutbox extends Outbox {
  readonly #copy: (bytes: Uint8Array) => void;

  constructor(copy: (bytes: Uint8Array) => void, ...rest: ConstructorParameters<typeof Outbox>) {
    super(...rest);
    this.#copy = copy;
  }

  override push(bytes: Uint8Array): void {
    if (!this.isEnding) this.#copy(bytes);
    super.push(bytes);
  }
}
