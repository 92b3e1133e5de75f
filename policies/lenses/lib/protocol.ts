import type {
  CloseVerdict,
  Json,
  JsonObject,
  MessageFilter,
  MessageHookContext,
  NextTick,
  Upgrade,
} from "framegate/policy";

/** The packets of a protocol by their kinds, which are the names of handlers: what one side alone sends, and what both do. */
export interface Protocol {
  readonly client: object;
  readonly server: object;
  readonly both: object;
}

export type SideName = "client" | "server";

/** All that a side sends. */
export type PacketOf<Spoken extends Protocol, From extends SideName> =
  | Spoken[From][keyof Spoken[From]]
  | Spoken["both"][keyof Spoken["both"]];

export type AnySession = MessageHookContext["session"];

export type Awaitable<T> = T | Promise<T>;
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the common case
export type Maybe<T> = T | undefined | null | void;

/** A message verdict whose bodies are packets: `Own` of its sender, `Back` of the other side. */
export interface PacketVerdict<Own, Back> {
  /** In place of the packet. */
  readonly content?: { readonly body: Own };
  /** Do not pass the packet on. */
  readonly drop?: boolean;
  /** For the sender, in order. */
  readonly reply?: readonly Back[];
  /** For the receiver, after this one, in order. */
  readonly append?: readonly Own[];
  /** The packet does not pass, unless there is `content`; nothing behind it does. */
  readonly close?: CloseVerdict;
  /** As of a message verdict. */
  readonly renew?: Json;
  /** As of a message verdict. */
  readonly tick?: NextTick;
}

/** Called with each packet of its kind, and with what the message hook is called with. Nothing: the packet passes as it came. */
export type PacketHandler<Packet, Own, Back, Context = MessageHookContext> = (
  packet: Packet,
  context: Context,
) => Awaitable<Maybe<PacketVerdict<Own, Back>>>;

type HandlersOf<Packets, Spoken extends Protocol, From extends SideName, Context> = {
  readonly [Kind in keyof Packets]?: PacketHandler<
    Packets[Kind],
    PacketOf<Spoken, From>,
    PacketOf<Spoken, From extends "client" ? "server" : "client">,
    Context
  >;
};

type HandlersFor<Spoken extends Protocol, Context> = HandlersOf<Spoken["client"], Spoken, "client", Context> &
  HandlersOf<Spoken["server"], Spoken, "server", Context> & {
    readonly [From in SideName]?: HandlersOf<Spoken["both"], Spoken, From, Context>;
  };

/** What a lens takes: for what both sides send below `client` and `server`, and for the rest by itself. */
export type LensHandlers<
  Spoken extends Protocol,
  Options = JsonObject,
  Session extends object = AnySession,
> = HandlersFor<Spoken, MessageHookContext<Options, Session>>;

/** The body of a message: a text, or bytes. */
export type Written = string | Uint8Array;

/** What a message says. */
export interface Reading<Packet> {
  /** In order. */
  readonly packets: readonly Packet[];
  /** That the message is more or less than these packets: it must not pass as it came, but be written from what is left of them. */
  readonly isPiece?: boolean;
  /** What goes behind all that is left of it. */
  readonly after?: readonly Written[];
}

/** What has become of the packets of a message. */
export interface Passed<Packet> {
  /** The packets as they came, or what has taken their places; those that were dropped are not among them. */
  readonly left: readonly Packet[];
  /** What handlers have put behind the last of them. */
  readonly appended: readonly Packet[];
}

/** How messages of a side are read and written. */
export interface Dialect<Packet> {
  /** What it throws at is not of the protocol. */
  read(context: MessageHookContext): Reading<Packet>;
  kindOf(packet: Packet): string;
  /**
   * The messages that these packets make.
   *
   * @param asTheyCame those among them that no handler has touched
   */
  write(
    packets: readonly Packet[],
    context: MessageHookContext,
    asTheyCame: ReadonlySet<Packet>,
  ): readonly Written[];
  /** Told what has become of a reading of its own, once that is written, unless the connection ends. What it throws is a fault of the policy. */
  settle?(reading: Reading<Packet>, passed: Passed<Packet>, context: MessageHookContext): void;
  /** Those that have packets of these kinds, if the gateway can tell; the lens may not be asked of others. */
  filter?(kinds: readonly string[]): MessageFilter | undefined;
  /** The Close for a message that is not of the protocol. */
  readonly foreign: CloseVerdict;
  /** What its sender is told before, where the protocol has something to say. @param cause what `read` has thrown */
  answerForeign?(cause: unknown): Written | undefined;
  /** Told when such a message passes all the same. @param cause what `read` has thrown */
  passForeign?(cause: unknown, context: MessageHookContext): void;
}

/** All that a lens knows of its protocol. */
export interface ProtocolParts<Spoken extends Protocol> {
  /** What the lens is called. */
  readonly name: string;
  readonly kinds: { readonly [Part in keyof Protocol]: readonly (keyof Spoken[Part] & string)[] };
  /** The kind whose handler is called for packets that have none of their own. */
  readonly otherwise?: keyof Spoken["both"] & string;
  /** Lets in who speaks it. */
  readonly upgrade?: Upgrade<JsonObject>;
  /** The Close where the server has chosen none of these. Without: there are none to choose from. */
  readonly subprotocol?: { readonly names: readonly string[]; readonly close: CloseVerdict };
  /** Each side is read whatever handlers there are, for what the other one says depends on it. */
  readonly readsBoth?: boolean;
  readonly client: Dialect<PacketOf<Spoken, "client">>;
  readonly server: Dialect<PacketOf<Spoken, "server">>;
}
