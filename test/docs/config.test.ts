import test from "ava";
import { buildJsonSchema } from "../../core/config/index.ts";
import { readDocument, rowsOf, sectionOf } from "./documents.ts";

type Schema = { readonly [key: string]: unknown };

const root = buildJsonSchema() as Schema;

const upstream = at(root, "properties", "upstreams", "additionalProperties");
const tlsSchema = at(root, "properties", "listen", "items", "properties", "tls");

const contentType = objectOf(at(root, "properties", "routes", "items", "properties", "contentType"));

const sections: readonly (readonly [heading: string, schema: Schema])[] = [
  ["The file", root],
  ["listen", at(root, "properties", "listen", "items")],
  ["listen: tls", tlsSchema],
  ["listen: certificates", at(tlsSchema, "properties", "certificates", "items")],
  ["console", objectOf(at(root, "properties", "console"))],
  ["drain", at(root, "properties", "drain")],
  ["traffic", at(root, "properties", "traffic")],
  ["redact", at(root, "properties", "redact")],
  ["redact: patterns", at(root, "properties", "redact", "properties", "patterns", "items")],
  ["log", at(root, "properties", "log")],
  ["telemetry", at(root, "properties", "telemetry")],
  ["telemetry: traces", at(root, "properties", "telemetry", "properties", "traces")],
  ["sandbox", at(root, "properties", "sandbox")],
  ["grants", at(root, "properties", "grants", "additionalProperties")],
  ["grants: fetch", at(root, "properties", "grants", "additionalProperties", "properties", "fetch")],
  ["grants: kv", objectOf(at(root, "properties", "grants", "additionalProperties", "properties", "kv"))],
  ["secrets", at(root, "properties", "secrets", "additionalProperties")],
  ["kv", at(root, "properties", "kv")],
  ["routes", at(root, "properties", "routes", "items")],
  ["routes: contentType", contentType],
  ["routes: contentType of one side", objectOf(at(contentType, "properties", "client"))],
  ["routes: idle", objectOf(at(root, "properties", "routes", "items", "properties", "idle"))],
  ["routes: keepalive", objectOf(at(root, "properties", "routes", "items", "properties", "keepalive"))],
  ["routes: limits", at(root, "properties", "routes", "items", "properties", "limits")],
  [
    "routes: limits of one side",
    at(root, "properties", "routes", "items", "properties", "limits", "properties", "client"),
  ],
  ["routes: rate", at(root, "properties", "routes", "items", "properties", "rate")],
  ["routes: slowConsumer", at(root, "properties", "routes", "items", "properties", "slowConsumer")],
  ["routes: recording", objectOf(at(root, "properties", "routes", "items", "properties", "recording"))],
  ["routes: log", at(root, "properties", "routes", "items", "properties", "log")],
  ["routes: compression", objectOf(at(root, "properties", "routes", "items", "properties", "compression"))],
  ["routes: match", at(root, "properties", "routes", "items", "properties", "match")],
  ["routes: subprotocols", at(root, "properties", "routes", "items", "properties", "subprotocols")],
  ["routes: connections", at(root, "properties", "routes", "items", "properties", "connections")],
  ["routes: headers", at(root, "properties", "routes", "items", "properties", "headers")],
  [
    "routes: headers: request and response",
    at(root, "properties", "routes", "items", "properties", "headers", "properties", "request"),
  ],
  ["routes: requestId", objectOf(at(root, "properties", "routes", "items", "properties", "requestId"))],
  ["corsProfiles", at(root, "properties", "corsProfiles", "additionalProperties")],
  ["routes: cors", objectOf(at(root, "properties", "routes", "items", "properties", "cors"))],
  ["routes: policies", useOf(at(root, "properties", "routes", "items", "properties", "policies"))],
  ["upstreams", upstream],
  ["upstreams: targets", at(upstream, "properties", "targets", "items")],
  ["upstreams: balance", objectOf(at(upstream, "properties", "balance"))],
  ["upstreams: queue", at(upstream, "properties", "queue")],
  ["upstreams: retry", at(upstream, "properties", "retry")],
  ["upstreams: health", at(upstream, "properties", "health")],
  ["upstreams: health check", at(upstream, "properties", "health", "properties", "check")],
  ["upstreams: tls", at(upstream, "properties", "tls")],
  ["upstreams: dns", at(upstream, "properties", "dns")],
  ["connect", at(root, "properties", "connect")],
];

for (const [heading, schema] of sections) {
  test(`docs/config.md has the options of "${heading}", each as the schema says, and no others`, async (t) => {
    const rows = rowsOf(sectionOf(await readDocument("docs/config.md"), heading).split(/^## /m)[0]);
    t.deepEqual(rows, Object.entries(at(schema, "properties")).map(describeOption(schema)));
  });
}

test("each part of the schema has its section", (t) => {
  t.is(countProperties(root), sections.flatMap(([, schema]) => Object.keys(at(schema, "properties"))).length);
});

function describeOption(schema: Schema) {
  const required = (schema.required ?? []) as readonly string[];
  return ([name, option]: [string, unknown]): string[] => {
    const text = String((option as Schema).description);
    const [, words, fallback] = /^(.*?)(?: Default: (.*)\.)?$/s.exec(text)!;
    const shown =
      fallback === undefined ? "" : /^["{[]|^true$|^false$/.test(fallback) ? code(fallback) : fallback;
    return [code(name), kindOf(option as Schema), required.includes(name) ? "required" : shown, words];
  };
}

function code(text: string): string {
  return `\`${text}\``;
}

/** What may be written, in the words of the document's section on values. */
function kindOf(option: Schema): string {
  const parts = alternativesOf(option);
  const patterns = parts.map(({ pattern }) => String(pattern));
  if (patterns.some((pattern) => pattern.includes("KiB"))) return "size";
  if (patterns.some((pattern) => pattern.includes("ms|"))) {
    const others = [
      parts.some((part) => part.const === 0) ? " or 0" : "",
      parts.some((part) => part.type === "object") ? " or object" : "",
    ];
    return `duration${others.join("")}`;
  }
  if (Array.isArray(option.enum)) return option.enum.map((value) => code(JSON.stringify(value))).join(", ");
  if (option.anyOf !== undefined) {
    const alternatives = option.anyOf as readonly Schema[];
    return alternatives
      .map((part) => ("const" in part ? code(JSON.stringify(part.const)) : String(part.type)))
      .join(" or ");
  }
  return String(option.type);
}

/** The option itself, and what it may be. */
function alternativesOf(option: Schema): Schema[] {
  return [option, ...((option.anyOf ?? []) as readonly Schema[]).flatMap(alternativesOf)];
}

/** The object among what an option may be. */
function objectOf(option: Schema): Schema {
  return alternativesOf(option).find(({ type }) => type === "object")!;
}

function at(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce((part, key) => part[key] as Schema, schema);
}

/** The object among what a chain may hold. */
function useOf(policies: Schema): Schema {
  const list = (policies.anyOf as readonly Schema[]).find(({ type }) => type === "array")!;
  return objectOf(list.items as Schema);
}

/** What is described elsewhere: twins of an object, a route's `upstream` and `connect`, which are as those of the file. */
const twins: readonly string[] = ["response", "server", "upstream"];
const described = (name: string, schema: Schema): boolean =>
  twins.includes(name) || (name === "connect" && !("listen" in schema));

/** The options of all objects, those that occur twice once. */
function countProperties(schema: unknown, isDescribed = false): number {
  if (typeof schema !== "object" || schema === null) return 0;
  const { properties = {}, ...others } = schema as { readonly properties?: Schema };
  const own = isDescribed ? 0 : Object.keys(properties).length;
  const below = Object.entries(properties).map(([name, part]) =>
    countProperties(part, isDescribed || described(name, properties)),
  );
  const beside = Object.values(others).map((part) => countProperties(part, isDescribed));
  return [own, ...below, ...beside].reduce((sum, count) => sum + count, 0);
}
