import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from "saxes";

interface Settings {
  readonly xmlns: boolean;
  readonly position: false;
}

type Parser = Pick<SaxesParser<{ readonly xmlns: true }>, "on" | "write" | "close" | "position">;

/** Reads one message, and throws an `XmlRefusal` at the first fault. */
export class XmlReader extends (SaxesParser as unknown as new (settings: Settings) => Parser) {
  // What `on` sets. If they are not there from the beginning, the engine makes a dictionary of the parser when the seventh is
  // added, and reads a message in four times the time.
  readonly xmldeclHandler = undefined;
  readonly textHandler = undefined;
  readonly piHandler = undefined;
  readonly doctypeHandler = undefined;
  readonly commentHandler = undefined;
  readonly openTagStartHandler = undefined;
  readonly attributeHandler = undefined;
  readonly openTagHandler = undefined;
  readonly closeTagHandler = undefined;
  readonly cdataHandler = undefined;
  readonly errorHandler = undefined;
  readonly endHandler = undefined;
}

export type XmlElement = SaxesTagNS;
export type XmlAttribute = SaxesAttributeNS;

/** Why a document is refused, for its sender: it is no XML for anybody, or it is, and may not be. */
export class XmlRefusal extends Error {
  override readonly name = "XmlRefusal";
  readonly isMalformed: boolean;

  constructor(message: string, isMalformed = false) {
    super(message);
    this.isMalformed = isMalformed;
  }
}

const ENCODING = "utf-8";

/**
 * Messages are UTF-8 and XML 1.0 for every reader behind the gateway, and are no more than they say: a document type would
 * bring entities, defaults for attributes, and files from elsewhere. The reader has one listener an event: those of `error`, `xmldecl`
 * and `doctype` are taken.
 *
 * @param onDeclaration is called after `<?xml …?>`
 */
export function openReader(onDeclaration: () => void = () => {}): XmlReader {
  return openWith({ xmlns: true, position: false }, onDeclaration);
}

/** Whether readers that know no namespaces have nothing against the document: a prefix need not be declared to them. */
export function isPlainXml(text: string): boolean {
  const reader = openWith({ xmlns: false, position: false }, () => {});
  return findRefusal(reader, text)?.isMalformed !== true;
}

function openWith(settings: Settings, onDeclaration: () => void): XmlReader {
  const reader = new XmlReader(settings);
  reader.on("error", () => {
    throw new XmlRefusal("no well-formed XML", true);
  });
  reader.on("xmldecl", ({ version, encoding }) => {
    if (version !== "1.0") throw new XmlRefusal("a version of XML other than 1.0");
    if (encoding !== undefined && encoding.toLowerCase() !== ENCODING)
      throw new XmlRefusal("a declared encoding other than UTF-8");
    onDeclaration();
  });
  reader.on("doctype", () => {
    throw new XmlRefusal("a document type declaration");
  });
  return reader;
}

/** Those that declare namespaces are no attributes to XPath. */
export function isDeclaration({ uri }: XmlAttribute): boolean {
  return uri === "http://www.w3.org/2000/xmlns/";
}

/** Why the document is refused; undefined when it is fine. What else goes wrong is a fault of ours, and is thrown. */
export function findRefusal(reader: XmlReader, text: string): XmlRefusal | undefined {
  try {
    reader.write(text).close();
    return undefined;
  } catch (error) {
    if (error instanceof XmlRefusal) return error;
    throw error;
  }
}
