import { z } from "zod";
import { HANDSHAKE_FIELDS } from "../../../net/headers.ts";
import { choice, flag, networkText, section, text } from "../schema-parts.ts";
import { secretText } from "../secret-source.ts";

/** Values may hold `${id}`, `${client.address}` and `${params.NAME}`. Names in lower case. */
export interface HeaderRules {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  readonly remove: readonly string[];
}

export interface HeaderOptions {
  readonly headers: { readonly request: HeaderRules; readonly response: HeaderRules };
  /** "upstream", "client", or the value itself. */
  readonly hostHeader: string;
  readonly forwarded: readonly ("x-forwarded" | "forwarded")[];
  /** Absent: no such header. */
  readonly requestId?: { readonly header: string; readonly isTrusted: boolean };
}

const rules = section(
  "HeaderRulesInput",
  {
    set: valuesByName()
      .prefault({})
      .describe(
        "Headers that get this value, whatever they had; it may be in a variable or a file. Default: {}.",
      ),
    add: valuesByName()
      .prefault({})
      .describe("Headers that get this value beside those they have; the same. Default: {}."),
    remove: z
      .array(headerName(), { error: "a list of header names" })
      .prefault([])
      .describe("Headers that are left out."),
  },
  "an object such as { set, add, remove }",
);

export const headerOptions = {
  headers: section(
    "HeadersInput",
    {
      request: rules.prefault({}).describe("What changes in the request to the server."),
      response: rules.prefault({}).describe("What changes in the server's answer to the client."),
    },
    "an object such as { request, response }",
  )
    .prefault({})
    .describe("Headers that are set, added or removed, before policies change any."),
  hostHeader: text('"auto", "upstream", "client" or a host')
    .regex(/^[\w.[\]:-]+$/, { error: '"auto", "upstream", "client" or a host such as "app.internal:8080"' })
    .prefault("auto")
    .describe(
      'The Host header that the server gets: "client", the client\'s own; "upstream", that of the upstream\'s URL; or this host. "auto": the client\'s own, and that of the URL where TLS or a Unix socket leads to it.',
    ),
  forwarded: z
    .array(choice(["x-forwarded", "forwarded"]), { error: 'a list of "x-forwarded" and "forwarded"' })
    .prefault(["x-forwarded"])
    .describe(
      "How the server learns of the client: by X-Forwarded-For, -Proto and -Host, by Forwarded (RFC 7239), by both, or not.",
    ),
  requestId: z
    .union(
      [
        z.literal(false, { error: "an object such as { header } or false" }),
        section(
          "RequestIdInput",
          {
            header: headerName().prefault("x-request-id").describe("Name of the header."),
            trust: flag().prefault(false).describe("Keep the client's own id where it sends one."),
          },
          "an object such as { header } or false",
        ),
      ],
      { error: "an object such as { header } or false" },
    )
    .prefault(false)
    .describe(
      "A header with the id of the log, sent to the server and in the answer to the client, or false for none.",
    ),
};

/** Addresses of proxies before the gateway, `10.0.0.0/8` or single ones. */
export function trustedProxies() {
  return z
    .array(networkText, { error: "a list of addresses and networks" })
    .optional()
    .describe(
      "Proxies before the gateway whose X-Forwarded-* and Forwarded headers are believed; of all others they are replaced. Default: none is believed, and the gateway adds to them.",
    );
}

type Parsed = { readonly [Key in keyof typeof headerOptions]: z.output<(typeof headerOptions)[Key]> };

export function resolveHeaders({ headers, hostHeader, forwarded, requestId }: Parsed): HeaderOptions {
  return {
    headers: { request: resolveRules(headers.request), response: resolveRules(headers.response) },
    hostHeader,
    forwarded,
    ...(requestId !== false && {
      requestId: { header: requestId.header.toLowerCase(), isTrusted: requestId.trust },
    }),
  };
}

function resolveRules({ set, add, remove }: z.output<typeof rules>): HeaderRules {
  return {
    set: Object.entries(set).map(([name, value]) => [name.toLowerCase(), value] as const),
    add: Object.entries(add).map(([name, value]) => [name.toLowerCase(), value] as const),
    remove: remove.map((name) => name.toLowerCase()),
  };
}

function headerName() {
  return text("the name of a header").superRefine((name, context) => {
    const problem = findNameProblem(name);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
}

function valuesByName() {
  return z
    .record(z.string(), secretText(z.string({ error: "the value of a header" }), "secret"), {
      error: "an object of header names and values",
    })
    .superRefine((values, context) => {
      for (const [name, value] of Object.entries(values)) {
        const message = findNameProblem(name) ?? findValueProblem(value);
        if (message !== undefined) context.addIssue({ code: "custom", message, path: [name] });
      }
    });
}

export function findNameProblem(name: string): string | undefined {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return "the name of a header";
  if (HANDSHAKE_FIELDS.has(name.toLowerCase())) return "a header that is not of the handshake or of one hop";
  return undefined;
}

/** What stands between `${` and `}` in the value of a header, and is put in for each request. */
export const HEADER_PLACEHOLDER = /^(id|client\.address|params\.[A-Za-z_]\w*)$/;

function findValueProblem(value: string): string | undefined {
  if (!/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) return "a value of one line, in Latin-1";
  const unknown = [...value.matchAll(/\$\{([^}]*)\}?/g)].find(
    ([, name = ""]) => !HEADER_PLACEHOLDER.test(name),
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a value may hold
  return unknown && "a value with no other placeholders than ${id}, ${client.address} and ${params.NAME}";
}
