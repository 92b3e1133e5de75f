import { XmlRefusal } from "./reader.ts";

export interface ElementLimits {
  /** Of a document. */
  readonly elements: number;
  /** Of one element. */
  readonly attributes: number;
}

/** Counts while a document is read, and throws an `XmlRefusal` at the first that is too many. */
export function createElementCount(limits: ElementLimits) {
  let elements = 0;
  let attributes = 0;
  return {
    addElement(): void {
      attributes = 0;
      if (++elements > limits.elements) throw new XmlRefusal(`more than ${limits.elements} elements`);
    },
    addAttribute(): void {
      if (++attributes > limits.attributes)
        throw new XmlRefusal(`more than ${limits.attributes} attributes of an element`);
    },
  };
}
