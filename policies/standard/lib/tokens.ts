import type { Request, UpgradeVerdict } from "framegate/policy";

/** Where a client may put its token; the first of these that it used counts. */
export interface TokenSources {
  readonly header?: string;
  readonly cookie?: string;
  readonly parameter?: string;
  /** What stands before the token in an entry of Sec-WebSocket-Protocol, such as `bearer.` */
  readonly subprotocol?: string;
}

export interface FoundToken {
  readonly text: string;
  /** Keeps the token from the server. */
  readonly hidden: Pick<UpgradeVerdict, "headers" | "subprotocol">;
}

export const TOKEN_SOURCES_SCHEMA = {
  type: "object",
  minProperties: 1,
  properties: {
    header: { type: "string", minLength: 1 },
    cookie: { type: "string", minLength: 1 },
    parameter: { type: "string", minLength: 1 },
    subprotocol: { type: "string", minLength: 1 },
  },
  additionalProperties: false,
};

/** Undefined without a token, and where there are several in one place: which one the server reads, nobody knows. */
export function findToken(request: Request, sources: TokenSources): FoundToken | undefined {
  const { header, cookie, parameter, subprotocol } = sources;
  return (
    (header === undefined ? undefined : inHeader(request, header)) ??
    (cookie === undefined ? undefined : inCookie(request, cookie)) ??
    (parameter === undefined ? undefined : inParameter(request, parameter)) ??
    (subprotocol === undefined ? undefined : inSubprotocol(request, subprotocol))
  );
}

/** `Authorization` holds `Bearer TOKEN`, any other header the token itself. */
function inHeader({ headers }: Request, name: string): FoundToken | undefined {
  const [value, ...others] = headers.getAll(name);
  if (value === undefined || others.length > 0) return undefined;
  const isAuthorization = name.toLowerCase() === "authorization";
  const text = isAuthorization ? /^bearer +([^\s,]+)$/i.exec(value.trim())?.[1] : value.trim();
  return text ? { text, hidden: { headers: { [name]: null } } } : undefined;
}

function inCookie({ headers }: Request, name: string): FoundToken | undefined {
  const pairs = headers.getAll("cookie").flatMap((line) => line.split(";").map((pair) => pair.trim()));
  const ours = pairs.filter((pair) => pair.startsWith(`${name}=`));
  const text = ours[0]?.slice(name.length + 1).replace(/^"(.*)"$/, "$1");
  if (!text || ours.length > 1) return undefined;
  const rest = pairs.filter((pair) => !ours.includes(pair)).join("; ");
  return { text, hidden: { headers: { cookie: rest === "" ? null : rest } } };
}

/** The server sees it: a policy cannot change the query. */
function inParameter({ queryAll }: Request, name: string): FoundToken | undefined {
  const values = Object.hasOwn(queryAll, name) ? queryAll[name]! : [];
  return values.length === 1 && values[0] ? { text: values[0], hidden: {} } : undefined;
}

function inSubprotocol(request: Request, prefix: string): FoundToken | undefined {
  const offered = offeredSubprotocols(request);
  const ours = offered.filter((name) => name.startsWith(prefix));
  const text = ours[0]?.slice(prefix.length);
  const other = offered.find((name) => !name.startsWith(prefix));
  // A browser gives up where none of its subprotocols is chosen, and the token's must not be.
  if (!text || ours.length > 1 || other === undefined) return undefined;
  return { text, hidden: { subprotocol: other } };
}

export function offeredSubprotocols({ headers }: Request): string[] {
  const names = headers.getAll("sec-websocket-protocol").flatMap((line) => line.split(","));
  return names.map((name) => name.trim()).filter((name) => name !== "");
}
