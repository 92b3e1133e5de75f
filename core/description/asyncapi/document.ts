/**
 * What is used of an AsyncAPI document as `@asyncapi/parser` gives it. That package is the user's to install, and with it its
 * types; of both versions of AsyncAPI it makes the same objects.
 */
export interface AsyncApiDocument {
  info(): { title(): string };
  channels(): List<Channel>;
  operations(): List<Operation>;
}

export interface List<Item> {
  all(): readonly Item[];
}

export interface Channel extends Placed {
  id(): string;
  address(): string | null | undefined;
  servers(): List<Server>;
  messages(): List<ApiMessage>;
  parameters(): List<Parameter>;
  bindings(): List<Binding>;
}

interface Server {
  protocol(): string;
  pathname?(): string | undefined;
}

interface Parameter {
  id(): string;
  schema(): { json(): object | boolean } | undefined;
}

interface Binding {
  protocol(): string;
  json(): unknown;
}

export interface Operation extends Placed {
  isSend(): boolean;
  isReceive(): boolean;
  channels(): List<Channel>;
  messages(): List<ApiMessage>;
  /** Of AsyncAPI 3 only. */
  reply?(): Reply | undefined;
}

interface Reply {
  channel(): Channel | undefined;
  messages(): List<ApiMessage>;
}

export interface ApiMessage extends Placed {
  id(): string | undefined;
  name(): string | undefined;
  title(): string | undefined;
  contentType(): string | undefined;
  schemaFormat(): string | undefined;
  hasPayload(): boolean;
  payload(): { json(): unknown } | undefined;
  headers(): unknown;
  examples(): List<{ payload(): unknown; name(): string | undefined }>;
}

interface Placed {
  /** A JSON pointer. */
  jsonPath(): string;
}

export interface Diagnostic {
  /** 0 is an error. */
  readonly severity: number;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly source?: string;
  /** From 0. */
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}
