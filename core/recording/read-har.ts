import { z } from "zod";
import { parseShape } from "../../policies/pack/parse-shape.ts";
import { OPCODE } from "../wire/frame.ts";
import { RecordingError } from "./errors.ts";
import {
  type EventLine,
  MESSAGE_OUTCOMES,
  type MessageLine,
  type SessionRecording,
  type UpgradeLine,
} from "./format.ts";
import { moreThanRead, parseWithin, type ReadBounds } from "./read-bounds.ts";

const MOST_FIELDS = 1000;
const pairs = z
  .array(z.unknown())
  .max(MOST_FIELDS, `expected at most ${MOST_FIELDS} header fields`)
  .pipe(z.array(z.object({ name: z.string(), value: z.string() })));

const messageSchema = z.object({
  type: z.enum(["send", "receive"]),
  /** Seconds since 1970. */
  time: z.number().min(0).max(8.64e12),
  opcode: z.number(),
  data: z.string(),
  _length: z.number().optional(),
  /** What a newer Framegate may have written is left out. */
  _outcome: z.enum(MESSAGE_OUTCOMES).optional().catch(undefined),
  comment: z.string().optional(),
  _marked: z.literal(true).optional(),
});

const entrySchema = z.object({
  startedDateTime: z.string(),
  request: z.object({ method: z.string(), url: z.string(), headers: pairs }),
  response: z.object({ status: z.number(), headers: pairs }),
  /** Each is looked at when it is its turn. */
  _webSocketMessages: z.array(z.unknown()),
  comment: z.string().optional(),
  _marked: z.literal(true).optional(),
  _framegate: z.object({ session: z.string(), route: z.string() }).optional(),
});

const harSchema = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });

/**
 * The WebSockets of a HAR file as Chrome's developer tools write it, and the gateway's own export. It holds what a client
 * sent and got, and not what policies have made of it.
 */
export function* readHar(text: string, name: string, bounds: ReadBounds): Generator<void, SessionRecording> {
  const { log } = parseWhole(text, name, bounds);
  const events: EventLine[] = [];
  const add = (event: EventLine) => {
    if (events.push(event) > bounds.records) throw moreThanRead(name, bounds.records, "records");
  };
  for (const [index, entry] of log.entries.entries()) {
    yield;
    if (!hasMessages(entry)) continue;
    const place = ["log.entries", index];
    const parsed = parsePart(entrySchema, entry, place, name);
    const upgrade = upgradeOf(parsed, index, name);
    add(upgrade);
    for (const [at, each] of parsed._webSocketMessages.entries()) {
      yield;
      const message = parsePart(messageSchema, each, [...place, "_webSocketMessages", at], name);
      if (isData(message)) add(messageOf(message, upgrade.session));
    }
  }
  if (events.length === 0) throw notHar(name, "it holds no WebSocket (`_webSocketMessages`)");
  // What happened at once stays in the order of the file.
  events.sort((a, b) => a.time - b.time);
  return { events: events.map((event, index) => ({ ...event, line: index + 1 })) };
}

function hasMessages(entry: unknown): boolean {
  return (entry as { readonly _webSocketMessages?: unknown } | null)?._webSocketMessages !== undefined;
}

function parseWhole(text: string, name: string, bounds: ReadBounds): z.infer<typeof harSchema> {
  let value: unknown;
  try {
    value = parseWithin(text, bounds.values, () => moreThanRead(name, bounds.values, "values of JSON"));
  } catch (cause) {
    if (cause instanceof RecordingError) throw cause;
    throw notHar(name, "it is no JSON", cause);
  }
  const parsed = parseShape(harSchema, value);
  if (parsed.success) return parsed.data;
  throw notHar(name, "it has no `log.entries`");
}

function parsePart<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: readonly (string | number)[],
  name: string,
): z.output<Schema> {
  const parsed = parseShape(schema, value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = [...place, ...(issue?.path ?? [])].join(".");
  throw notHar(name, `\`${at}\`: ${issue?.message ?? "unknown"}`);
}

function notHar(name: string, problem: string, cause?: unknown): RecordingError {
  const message = `${name}: expected a recording of \`framegate record\`, or a HAR file: ${problem}.`;
  return new RecordingError("ERR_RECORDING_FORMAT", message, { cause });
}

function upgradeOf(entry: z.infer<typeof entrySchema>, index: number, name: string): UpgradeLine {
  const { request, response, _framegate: own } = entry;
  const time = Date.parse(entry.startedDateTime);
  const url = URL.parse(request.url);
  if (Number.isNaN(time)) throw notHar(name, `\`log.entries.${index}.startedDateTime\` is no time`);
  if (url === null || !url.pathname.startsWith("/"))
    throw notHar(name, `\`log.entries.${index}.request.url\` is no URL of a WebSocket`);
  const session = own?.session ?? `har-${index + 1}`;
  const protocol = response.headers.find((field) => field.name.toLowerCase() === "sec-websocket-protocol");
  return {
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
  };
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
  const { type, time, opcode, data, _length: length, _outcome: outcome } = message;
  const cut = length === undefined ? {} : { length };
  return {
    type: "message",
    ...noteOf(message),
    session,
    time: time * 1000,
    origin: type === "send" ? "client" : "server",
    ...(outcome && { outcome }),
    body: opcode === OPCODE.text ? { text: data, ...cut } : { base64: data, ...cut },
  };
}
