/**
 * HAR 1.2 as its specification has it (http://www.softwareishard.com/blog/har-12-spec/), as a JSON Schema: the required
 * fields, their types, and no others but those that begin with an underscore. `_webSocketMessages` and `_resourceType`
 * are as Chrome's DevTools read and write them.
 */
const text = { type: "string" };
const number = { type: "number" };
/** Milliseconds, or -1 where the phase does not apply. */
const phase = { type: "number", minimum: -1 };

function object(required: Record<string, unknown>, optional: Record<string, unknown> = {}) {
  return {
    type: "object",
    properties: { ...required, comment: text, ...optional },
    required: Object.keys(required),
    patternProperties: { "^_": true },
    additionalProperties: false,
  };
}

function list(items: unknown) {
  return { type: "array", items };
}

const nameValue = object({ name: text, value: text });
const cookie = object(
  { name: text, value: text },
  { path: text, domain: text, expires: text, httpOnly: { type: "boolean" }, secure: { type: "boolean" } },
);

const postData = object({ mimeType: text }, { params: list(object({ name: text })), text });

const request = object(
  {
    method: text,
    url: { type: "string", pattern: "^(https?|wss?)://" },
    httpVersion: text,
    cookies: list(cookie),
    headers: list(nameValue),
    queryString: list(nameValue),
    headersSize: number,
    bodySize: number,
  },
  { postData },
);

const response = object({
  status: { type: "integer" },
  statusText: text,
  httpVersion: text,
  cookies: list(cookie),
  headers: list(nameValue),
  content: object({ size: number, mimeType: text }, { compression: number, text, encoding: text }),
  redirectURL: text,
  headersSize: number,
  bodySize: number,
});

const webSocketMessage = object({
  type: { enum: ["send", "receive"] },
  time: { type: "number", minimum: 1_000_000_000, maximum: 10_000_000_000 },
  opcode: { enum: [0, 1, 2, 8, 9, 10] },
  data: text,
});

const entry = object(
  {
    startedDateTime: {
      type: "string",
      pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$",
    },
    time: { type: "number", minimum: 0 },
    request,
    response,
    cache: object({}, { beforeRequest: true, afterRequest: true }),
    timings: object(
      { send: phase, wait: phase, receive: phase },
      { blocked: phase, dns: phase, connect: phase, ssl: phase },
    ),
  },
  {
    pageref: text,
    serverIPAddress: text,
    connection: text,
    _resourceType: { enum: ["websocket", "other"] },
    _webSocketMessages: list(webSocketMessage),
  },
);

const page = object({
  startedDateTime: text,
  id: text,
  title: text,
  pageTimings: object({}, { onContentLoad: phase, onLoad: phase }),
});
const program = object({ name: text, version: text });

export const harSchema = object({
  log: object(
    { version: { const: "1.2" }, creator: program, entries: list(entry) },
    { browser: program, pages: list(page) },
  ),
});
