import type { Batch } from "../../core/traffic/batch/batch.ts";

export interface RecordSpec {
  readonly type: "frames" | "frame" | "json";
  readonly body: Buffer;
  readonly origin?: "client" | "server";
  readonly route?: number;
  readonly session?: number;
  readonly sequence?: number;
  readonly time?: number;
  /** How many records it is: the frames in it. */
  readonly count?: number;
}

/** A batch written byte by byte from the drawing in core/traffic/batch/layout.ts, sharing no code with the writer. */
export function batchOf(specs: readonly RecordSpec[], rest: Partial<Batch> = {}): Batch {
  const batch = {
    bytes: Buffer.concat(specs.map(recordOf)),
    records: specs.reduce((sum, { count = 1 }) => sum + count, 0),
    dropped: 0,
    worker: "w1",
    routes: ["/chat", "/feed"],
    purpose: "store" as const,
    ...rest,
  };
  return batch;
}

const types = { frames: 1, frame: 2, json: 3 } as const;

export function recordOf(spec: RecordSpec): Buffer {
  const header = Buffer.alloc(24);
  header[0] = types[spec.type];
  header[1] = spec.origin === "server" ? 1 : 0;
  header.writeUInt16LE(spec.route ?? 0, 2);
  header.writeUInt32LE(24 + spec.body.length, 4);
  header.writeUInt32LE(spec.session ?? 1, 8);
  header.writeUInt32LE(spec.sequence ?? 1, 12);
  header.writeDoubleLE(spec.time ?? 1000, 16);
  return Buffer.concat([header, spec.body]);
}

export interface FrameBody {
  readonly first: number;
  readonly flags: number;
  readonly key?: number;
  readonly length: number;
  /** As on the wire. */
  readonly kept: Buffer;
}

export function frameBody({ first, flags, key = 0, length, kept }: FrameBody): Buffer {
  const header = Buffer.alloc(16);
  header[0] = first;
  header[1] = flags;
  header.writeUInt32LE(key, 4);
  header.writeDoubleLE(length, 8);
  return Buffer.concat([header, kept]);
}

export function jsonBody(json: unknown, blobs: readonly Buffer[] = []): Buffer {
  const text = Buffer.from(JSON.stringify(json));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  return Buffer.concat([size, text, ...blobs]);
}

export const upgradeJson = {
  kind: "upgrade",
  method: "GET",
  path: "/chat?room=1",
  httpVersion: "1.1",
  status: 101,
  code: "",
  detail: "",
  client: "127.0.0.1:50000",
  server: "ws://127.0.0.1:3000/chat",
  subprotocol: "",
  extensions: "",
  durationMs: 3,
  request: [["Host", "gateway.example"]],
  serverRequest: [["Host", "127.0.0.1:3000"]],
  serverResponse: { status: 101, headers: [["Upgrade", "websocket"]] },
  response: [["Upgrade", "websocket"]],
  attributes: {},
  steps: [],
};

export const closeJson = {
  kind: "close",
  initiator: "client",
  code: 1000,
  reason: "bye",
  cause: "peer",
  detail: "",
  policy: "",
  version: "",
  rule: "",
  codes: { client: { sent: 1000, got: 1000 }, server: { sent: 1000, got: 1000 } },
  client: "127.0.0.1:50000",
  server: "ws://127.0.0.1:3000/chat",
  durationMs: 20,
  messages: { client: 1, server: 1 },
  bytes: { client: 5, server: 5 },
};

export const frameJson = {
  kind: "frame",
  opcode: 1,
  fin: true,
  isCompressed: false,
  maskKey: null,
  length: 5,
  frames: 1,
  durationMs: 0.5,
  outcome: "passed",
  steps: [],
  payload: null,
  after: null,
  replies: [],
  appended: [],
};

export const hookJson = {
  kind: "hook",
  hook: "tick",
  by: "time",
  lateMs: 1,
  policy: "parts",
  version: "0123456789ab",
  outcome: "sent",
  durationMs: 0.5,
  detail: "",
  place: "",
  rule: "",
  attributes: {},
  expires: null,
  toClient: [],
  toServer: [],
};
