/** What a connection begins with. */
export interface SignalrHandshakeRequest {
  readonly protocol: "json";
  readonly version: number;
}

export interface SignalrHandshakeResponse {
  readonly error?: string;
}

type Headers = Readonly<Record<string, string>>;

export interface SignalrInvocation {
  readonly type: 1;
  /** Without: nobody answers. */
  readonly invocationId?: string;
  readonly target: string;
  readonly arguments: readonly unknown[];
  readonly streamIds?: readonly string[];
  readonly headers?: Headers;
}

export interface SignalrStreamItem {
  readonly type: 2;
  readonly invocationId: string;
  readonly item: unknown;
  readonly headers?: Headers;
}

/** The answer to an invocation, or the end of a stream. */
export interface SignalrCompletion {
  readonly type: 3;
  readonly invocationId: string;
  readonly result?: unknown;
  readonly error?: string;
  readonly headers?: Headers;
}

export interface SignalrStreamInvocation {
  readonly type: 4;
  readonly invocationId: string;
  readonly target: string;
  readonly arguments: readonly unknown[];
  readonly streamIds?: readonly string[];
  readonly headers?: Headers;
}

export interface SignalrCancelInvocation {
  readonly type: 5;
  readonly invocationId: string;
  readonly headers?: Headers;
}

export interface SignalrPing {
  readonly type: 6;
}

export interface SignalrClose {
  readonly type: 7;
  readonly error?: string;
  readonly allowReconnect?: boolean;
}

/** Of a stateful reconnect: up to which message all have come. */
export interface SignalrAck {
  readonly type: 8;
  readonly sequenceId: number;
}

/** The number of the message that is sent next, after a reconnect. */
export interface SignalrSequence {
  readonly type: 9;
  readonly sequenceId: number;
}

export interface SignalrProtocol {
  readonly client: {
    readonly handshakeRequest: SignalrHandshakeRequest;
    readonly streamInvocation: SignalrStreamInvocation;
    readonly cancelInvocation: SignalrCancelInvocation;
  };
  readonly server: { readonly handshakeResponse: SignalrHandshakeResponse };
  readonly both: {
    readonly invocation: SignalrInvocation;
    readonly streamItem: SignalrStreamItem;
    readonly completion: SignalrCompletion;
    readonly ping: SignalrPing;
    readonly close: SignalrClose;
    readonly ack: SignalrAck;
    readonly sequence: SignalrSequence;
  };
}

export type SignalrMessage =
  | SignalrProtocol["client"][keyof SignalrProtocol["client"]]
  | SignalrProtocol["server"][keyof SignalrProtocol["server"]]
  | SignalrProtocol["both"][keyof SignalrProtocol["both"]];
