/** What may be said on a connection: plain data, as `framegate asyncapi` writes it. Schemas are JSON Schema, draft 7. */
export interface MessageDescription {
  readonly handshake?: HandshakeDescription;
  /** What clients send. */
  readonly client: SideDescription;
  /** What servers send. */
  readonly server: SideDescription;
  /** What schemas refer to, as `#/definitions/NAME`. */
  readonly definitions?: Readonly<Record<string, object | boolean>>;
}

export interface SideDescription {
  /** The member of a message that says which one it is. Where it is missing each is tried, and one must fit. */
  readonly discriminator?: string;
  readonly messages: Readonly<Record<string, DescribedMessage>>;
  /** There are messages that are no JSON: such pass. */
  readonly passesOthers?: boolean;
  /** There are messages that nobody can check: all pass. */
  readonly passesAll?: boolean;
}

export interface DescribedMessage {
  readonly schema: object | boolean;
  /** What the discriminator of such a message is. */
  readonly values?: readonly unknown[];
}

/** A schema each, of objects whose values are texts. */
export interface HandshakeDescription {
  readonly params?: object | boolean;
  readonly query?: object | boolean;
  /** Names in lower case. */
  readonly headers?: object | boolean;
}
