import { SaxesParser } from "saxes";

/** Reads one message, and throws at the first fault: what is not well-formed XML 1.0 with namespaces, or is an `XmlRefusal`. */
export type XmlReader = SaxesParser<{ readonly xmlns: true; readonly position: false }>;

/** What is refused though it may be well-formed. Its message is for the sender. */
export class XmlRefusal extends Error {
  override readonly name = "XmlRefusal";
}

const ENCODING = "utf-8";

/**
 * Messages are UTF-8 and XML 1.0 for every reader behind the gateway, and are no more than they say: a document type would
 * bring entities, defaults for attributes, and files from elsewhere.
 */
export function openReader(): XmlReader {
  const reader: XmlReader = new SaxesParser({ xmlns: true, position: false });
  reader.on("xmldecl", ({ version, encoding }) => {
    if (version !== "1.0") throw new XmlRefusal("a version of XML other than 1.0");
    if (encoding !== undefined && encoding.toLowerCase() !== ENCODING)
      throw new XmlRefusal("a declared encoding other than UTF-8");
  });
  reader.on("doctype", () => {
    throw new XmlRefusal("a document type declaration");
  });
  return reader;
}

/** Why a document is refused, for its sender; undefined when it is fine. */
export function findRefusal(reader: XmlReader, text: string): string | undefined {
  try {
    reader.write(text).close();
    return undefined;
  } catch (error) {
    return error instanceof XmlRefusal ? error.message : "no well-formed XML";
  }
}
