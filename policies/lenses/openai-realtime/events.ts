import { isObject } from "../../is-object.ts";

/** What the fields of an event are; with `?` one need not be there, or is null. */
type FieldKind = "text" | "text?" | "number" | "number?" | "object" | "object?" | "list";
type Fields = Readonly<Record<string, FieldKind>>;

const PART = {
  response_id: "text",
  item_id: "text",
  output_index: "number?",
  content_index: "number?",
} as const;
const CALL = { response_id: "text", item_id: "text", output_index: "number?", call_id: "text" } as const;
const TRANSCRIPTION = { item_id: "text", content_index: "number?" } as const;

export const CLIENT_EVENTS = {
  "session.update": { session: "object" },
  "input_audio_buffer.append": { audio: "text" },
  "input_audio_buffer.commit": {},
  "input_audio_buffer.clear": {},
  "output_audio_buffer.clear": {},
  "conversation.item.create": { item: "object", previous_item_id: "text?" },
  "conversation.item.retrieve": { item_id: "text" },
  "conversation.item.truncate": { item_id: "text", content_index: "number", audio_end_ms: "number" },
  "conversation.item.delete": { item_id: "text" },
  "response.create": { response: "object?" },
  "response.cancel": { response_id: "text?" },
} as const satisfies Readonly<Record<string, Fields>>;

export const SERVER_EVENTS = {
  error: { error: "object" },
  "session.created": { session: "object" },
  "session.updated": { session: "object" },
  "conversation.item.added": { item: "object", previous_item_id: "text?" },
  "conversation.item.done": { item: "object", previous_item_id: "text?" },
  "conversation.item.retrieved": { item: "object" },
  "conversation.item.truncated": { item_id: "text", content_index: "number", audio_end_ms: "number" },
  "conversation.item.deleted": { item_id: "text" },
  "conversation.item.input_audio_transcription.delta": { ...TRANSCRIPTION, delta: "text?" },
  "conversation.item.input_audio_transcription.completed": { ...TRANSCRIPTION, transcript: "text" },
  "conversation.item.input_audio_transcription.failed": { ...TRANSCRIPTION, error: "object" },
  "input_audio_buffer.committed": { item_id: "text", previous_item_id: "text?" },
  "input_audio_buffer.cleared": {},
  "input_audio_buffer.speech_started": { item_id: "text", audio_start_ms: "number" },
  "input_audio_buffer.speech_stopped": { item_id: "text", audio_end_ms: "number" },
  "response.created": { response: "object" },
  "response.done": { response: "object" },
  "response.output_item.added": { response_id: "text", output_index: "number?", item: "object" },
  "response.output_item.done": { response_id: "text", output_index: "number?", item: "object" },
  "response.content_part.added": { ...PART, part: "object" },
  "response.content_part.done": { ...PART, part: "object" },
  "response.output_text.delta": { ...PART, delta: "text" },
  "response.output_text.done": { ...PART, text: "text" },
  "response.output_audio_transcript.delta": { ...PART, delta: "text" },
  "response.output_audio_transcript.done": { ...PART, transcript: "text" },
  "response.output_audio.delta": { ...PART, delta: "text" },
  "response.output_audio.done": PART,
  "response.function_call_arguments.delta": { ...CALL, delta: "text" },
  "response.function_call_arguments.done": { ...CALL, name: "text?", arguments: "text" },
  "rate_limits.updated": { rate_limits: "list" },
} as const satisfies Readonly<Record<string, Fields>>;

/** Any event: other fields than those that are named here are its own. */
export interface RealtimeEvent<Type extends string = string> {
  readonly type: Type;
  readonly event_id?: string;
  readonly [field: string]: unknown;
}

type ValueOf<Kind> = Kind extends `text${string}`
  ? string
  : Kind extends `number${string}`
    ? number
    : Kind extends "list"
      ? readonly unknown[]
      : Readonly<Record<string, unknown>>;

/** An event of the table, with what the table says of its fields. */
export type RealtimeEventOf<Table, Type extends keyof Table & string> = RealtimeEvent<Type> & {
  readonly [Name in keyof Table[Type] as Table[Type][Name] extends `${string}?` ? never : Name]: ValueOf<
    Table[Type][Name]
  >;
} & {
  readonly [Name in keyof Table[Type] as Table[Type][Name] extends `${string}?` ? Name : never]?: ValueOf<
    Table[Type][Name]
  > | null;
};

/** Throws at an event whose fields are not as the table has them; one that it does not have is another matter. */
export function requireFields(event: RealtimeEvent, table: Readonly<Record<string, Fields>>): void {
  const fields = Object.hasOwn(table, event.type) ? table[event.type] : undefined;
  for (const [name, kind] of Object.entries(fields ?? {}))
    if (!isOfKind(event[name], kind)) throw new TypeError(`${event.type}: \`${name}\``);
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "object":
      return isObject(value);
    case "list":
      return Array.isArray(value);
    case "text?":
      return value === undefined || value === null || isOfKind(value, "text");
    case "number?":
      return value === undefined || value === null || isOfKind(value, "number");
    case "object?":
      return value === undefined || value === null || isOfKind(value, "object");
  }
}
