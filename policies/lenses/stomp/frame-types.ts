/** A frame as it was meant: its headers without escapes, and each name once, for of several the first counts. */
export interface StompFrame<Command extends string = StompCommand> {
  readonly command: Command;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or bytes where it is no UTF-8. */
  readonly body: string | Uint8Array;
}

/** By the names of commands, in lower case. */
export interface StompProtocol {
  readonly client: {
    readonly connect: StompFrame<"CONNECT" | "STOMP">;
    readonly send: StompFrame<"SEND">;
    readonly subscribe: StompFrame<"SUBSCRIBE">;
    readonly unsubscribe: StompFrame<"UNSUBSCRIBE">;
    readonly begin: StompFrame<"BEGIN">;
    readonly commit: StompFrame<"COMMIT">;
    readonly abort: StompFrame<"ABORT">;
    readonly ack: StompFrame<"ACK">;
    readonly nack: StompFrame<"NACK">;
    readonly disconnect: StompFrame<"DISCONNECT">;
  };
  readonly server: {
    readonly connected: StompFrame<"CONNECTED">;
    readonly message: StompFrame<"MESSAGE">;
    readonly receipt: StompFrame<"RECEIPT">;
    readonly error: StompFrame<"ERROR">;
  };
  readonly both: Readonly<Record<never, never>>;
}

export type StompCommand =
  | StompProtocol["client"][keyof StompProtocol["client"]]["command"]
  | StompProtocol["server"][keyof StompProtocol["server"]]["command"];
