import { z } from "zod";
import { parseShape } from "../../policies/pack/parse-shape.ts";
import { OPCODE } from "../wire/frame.ts";
import { RecordingError } from "./errors.ts";
import type { EventLine, MessageLine, SessionRecording } from "./format.ts";

const pairs = z.array(z.object({ name: z.string(), value: z.string() }));

const messageSchema = z.object({
  type: z.enum(["send", "receive"]),
  /** Seconds since 1970. */
  time: z.number().min(0).max(8.64e12),
  opcode: z.number(),
  data: z.string(),
  _length: z.number().optional(),
  comment: z.string().optional(),
  _marked: z.literal(true).optional(),
});

const entrySchema = z.object({
  startedDateTime: z.string(),
  request: z.object({ method: z.string(), url: z.string(), headers: pairs }),
  response: z.object({ status: z.number(), headers: pairs }),
  _webSocketMessages: z.array(messageSchema).optional(),
  comment: z.string().optional(),
  _marked: z.literal(true).optional(),
  _framegate: z.object({ session: z.string(), route: z.string() }).optional(),
});

const harSchema = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });

/**
 * The WebSockets of a HAR file as Chrome's developer tools write it, and the gateway's own export. It holds what a client
 * sent and got, and not what policies have made of it.
 */
export function readHar(text: string, name: string): SessionRecording {
  const { log } = parseWhole(text, name);
  const events = log.entries.flatMap((entry, index) => {
    const messages = (entry as { readonly _webSocketMessages?: unknown } | null)?._webSocketMessages;
    if (messages === undefined) return [];
    const parsed = parseShape(entrySchema, entry);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const place = ["log.entries", index, ...(issue?.path ?? [])].join(".");
      throw notHar(name, `\`${place}\`: ${issue?.message ?? "unknown"}`);
    }
    return eventsOf(parsed.data, index, name);
  });
  if (events.length === 0) throw notHar(name, "it holds no WebSocket (`_webSocketMessages`)");
  // What happened at once stays in the order of the file.
  return {
    events: events.sort((a, b) => a.time - b.time).map((event, index) => ({ ...event, line: index + 1 })),
  };
}

function parseWhole(text: string, name: string): z.infer<typeof harSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notHar(name, "it is no JSON", cause);
  }
  const parsed = parseShape(harSchema, value);
  if (parsed.success) return parsed.data;
  throw notHar(name, "it has no `log.entries`");
}

function notHar(name: string, problem: string, cause?: unknown): RecordingError {
  const message = `${name}: expected a recording of \`framegate record\`, or a HAR file: ${problem}.`;
  return new RecordingError("ERR_RECORDING_FORMAT", message, { cause });
}

function eventsOf(entry: z.infer<typeof entrySchema>, index: number, name: string): EventLine[] {
  const { request, response, _framegate: own, _webSocketMessages: messages = [] } = entry;
  const time = Date.parse(entry.startedDateTime);
  const url = URL.parse(request.url);
  if (Number.isNaN(time)) throw notHar(name, `\`log.entries.${index}.startedDateTime\` is no time`);
  if (url === null || !url.pathname.startsWith("/"))
    throw notHar(name, `\`log.entries.${index}.request.url\` is no URL of a WebSocket`);
  const session = own?.session ?? `har-${index + 1}`;
  const protocol = response.headers.find((field) => field.name.toLowerCase() === "sec-websocket-protocol");
  return [
    {
      type: "upgrade",
      ...noteOf(entry),
      session,
      time,
      route: own?.route ?? "",
      method: request.method,
      url: url.pathname + url.search,
      // Names of HTTP/2's own are no fields of a handshake.
      headers: request.headers
        .filter((field) => !field.name.startsWith(":"))
        .map((field): [string, string] => [field.name, field.value]),
      client: { address: "127.0.0.1", port: 0, tls: /^(?:wss|https):$/.test(url.protocol) },
      result: {
        status: response.status,
        attributes: {},
        server: "",
        subprotocol: protocol?.value ?? "",
        steps: [],
      },
    },
    ...messages.filter(isData).map((message) => messageOf(message, session)),
  ];
}

/** As the gateway's own export has them; others write comments too. */
function noteOf({
  comment = "",
  _marked,
}: Pick<z.infer<typeof messageSchema>, "comment" | "_marked">): Pick<MessageLine, "marked" | "note"> {
  return { ...(_marked && { marked: _marked }), ...(comment !== "" && { note: comment }) };
}

function isData({ opcode }: z.infer<typeof messageSchema>): boolean {
  return opcode === OPCODE.text || opcode === OPCODE.binary;
}

function messageOf(message: z.infer<typeof messageSchema>, session: string): MessageLine {
  const { type, time, opcode, data, _length: length } = message;
  const cut = length === undefined ? {} : { length };
  return {
    type: "message",
    ...noteOf(message),
    session,
    time: time * 1000,
    origin: type === "send" ? "client" : "server",
    body: opcode === OPCODE.text ? { text: data, ...cut } : { base64: data, ...cut },
  };
}
