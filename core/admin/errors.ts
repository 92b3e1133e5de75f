import type { ContentfulStatusCode } from "hono/utils/http-status";

export type AdminErrorCode =
  | "ERR_HOST" // reached by a name that is not the console's: a page that lets its own name point here (DNS rebinding)
  | "ERR_ORIGIN" // sent by a page of another site
  | "ERR_LOGIN" // no token, or a wrong one
  | "ERR_ROLE" // a reader wants to change something
  | "ERR_TOO_MANY_LOGINS" // too many wrong tokens from this address
  | "ERR_REQUEST" // the request says something that is not understood
  | "ERR_TOO_LARGE"
  | "ERR_NOT_FOUND"
  | "ERR_CONFLICT" // understood, and not possible as things are
  | "ERR_UNAVAILABLE" // what it would take is away at the moment
  | "ERR_INTERNAL";

/** Why a request to the console is not carried out: the answer, in the words of the API. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  readonly code: AdminErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: AdminErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  get status(): ContentfulStatusCode {
    return STATUSES[this.code];
  }

  toBody(): { readonly error: { readonly code: string; readonly message: string } } {
    return { error: { code: this.code, message: this.message } };
  }
}

const STATUSES = {
  ERR_HOST: 403,
  ERR_ORIGIN: 403,
  ERR_LOGIN: 401,
  ERR_ROLE: 403,
  ERR_TOO_MANY_LOGINS: 429,
  ERR_REQUEST: 400,
  ERR_TOO_LARGE: 413,
  ERR_NOT_FOUND: 404,
  ERR_CONFLICT: 409,
  ERR_UNAVAILABLE: 503,
  ERR_INTERNAL: 500,
} as const satisfies Record<AdminErrorCode, ContentfulStatusCode>;
