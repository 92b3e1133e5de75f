/** What `ws` exports beside its classes and `@types/ws` does not know. */
declare module "ws" {
  type ExtensionParameters = Readonly<Record<string, readonly (string | true)[]>>;

  export const extension: {
    /** Parses Sec-WebSocket-Extensions. Throws a SyntaxError. */
    parse(header: string): Record<string, ExtensionParameters[]>;
    format(extensions: Record<string, readonly ExtensionParameters[]>): string;
  };

  export const subprotocol: {
    /** Parses Sec-WebSocket-Protocol. Throws a SyntaxError. */
    parse(header: string): Set<string>;
  };
}

export {};
