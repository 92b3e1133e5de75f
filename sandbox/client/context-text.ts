import type { RequestContext } from "../contract.ts";

/** The JSON of contexts, made once for all seats of a connection and forgotten with its context. */
export function createContextTexts(): (context: RequestContext) => string {
  const texts = new WeakMap<RequestContext, string>();
  return (context) => {
    let text = texts.get(context);
    if (text === undefined) {
      text = JSON.stringify(context);
      texts.set(context, text);
    }
    return text;
  };
}
