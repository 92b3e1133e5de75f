/** To a socket of a namespace, and the answer to that with its id, as `data`. */
export interface SocketIoConnect {
  readonly type: "connect";
  readonly namespace: string;
  /** Of the client what it gives as `auth`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface SocketIoConnectError {
  readonly type: "connectError";
  readonly namespace: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SocketIoDisconnect {
  readonly type: "disconnect";
  readonly namespace: string;
}

export interface SocketIoEvent {
  readonly type: "event";
  readonly namespace: string;
  readonly name: string | number;
  /** What has come as an attachment is a `SocketIoAttachmentPlace`. */
  readonly args: readonly unknown[];
  /** There when an acknowledgement is asked for. */
  readonly id?: number;
}

export interface SocketIoAck {
  readonly type: "ack";
  readonly namespace: string;
  readonly id: number;
  readonly args: readonly unknown[];
}

/** Bytes of an event or acknowledgement, which come behind it. */
export interface SocketIoAttachment {
  readonly type: "attachment";
  readonly of: "event" | "ack";
  /** As of its place in `args`. */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** What Engine.IO, below Socket.IO, says for itself. */
export interface SocketIoEngine {
  readonly type: "engine";
  readonly packet: "open" | "close" | "ping" | "pong" | "upgrade" | "noop";
  readonly data?: string;
}

/** What goes as text: all but attachments and what is below. */
export type SocketIoTextPacket =
  | SocketIoConnect
  | SocketIoConnectError
  | SocketIoDisconnect
  | SocketIoEvent
  | SocketIoAck;

export type SocketIoPacket = SocketIoTextPacket | SocketIoAttachment | SocketIoEngine;

/** Stands in `args` where bytes will be: they come in messages of their own, behind the packet. */
export class SocketIoAttachmentPlace {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}
