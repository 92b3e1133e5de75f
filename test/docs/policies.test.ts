import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import type { FaultReason } from "../../sandbox/contract/faults.ts";
import { DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "../../sandbox/defaults.ts";
import type {
  Client,
  ClientCertificate,
  CloseHookContext,
  Content,
  Frame,
  Hold,
  MessageFilter,
  MessageHookContext,
  MessageVerdict,
  RenewHookContext,
  RenewVerdict,
  Request,
  ServerFailure,
  TickHookContext,
  TickVerdict,
  UnavailableHookContext,
  UnavailableVerdict,
  UpgradeContext,
  UpgradeHookContext,
  UpgradeVerdict,
} from "../../sandbox/policy-api.ts";
import { HOOK_NAMES } from "../../sandbox/wire/hooks.ts";
import { namesIn, readDocument, rowsOf, sectionOf } from "./documents.ts";

/** The keys that a value of this type may have; those that are `never` are there to be refused. */
type KeysOf<T> = {
  [Key in keyof T]-?: [Exclude<T[Key], undefined>] extends [never] ? never : Key;
}[keyof T];
/** All keys of a type, each once: one more or less does not compile. */
type Keys<T> = Readonly<Record<KeysOf<T> & string, true>>;

const messageContext = {
  content: true,
  frame: true,
  websock: true,
  session: true,
  options: true,
  log: true,
  kv: true,
  rates: true,
  secrets: true,
  alert: true,
} satisfies Keys<MessageHookContext>;

const tables: Readonly<Record<string, object>> = {
  "Upgrade context": {
    id: true,
    request: true,
    client: true,
    route: true,
    attributes: true,
    options: true,
    log: true,
    kv: true,
    rates: true,
    secrets: true,
    alert: true,
  } satisfies Keys<UpgradeHookContext>,
  "Unavailable context": {
    id: true,
    request: true,
    client: true,
    route: true,
    attributes: true,
    failure: true,
    options: true,
    log: true,
    kv: true,
    rates: true,
    secrets: true,
    alert: true,
  } satisfies Keys<UnavailableHookContext>,
  "Server failure": { kind: true, tries: true, status: true } satisfies Keys<ServerFailure>,
  Request: {
    method: true,
    url: true,
    path: true,
    params: true,
    query: true,
    queryAll: true,
    headers: true,
  } satisfies Keys<Request>,
  Client: { address: true, port: true, tls: true, certificate: true } satisfies Keys<Client>,
  "Client certificate": {
    verified: true,
    subject: true,
    issuer: true,
    names: true,
    serial: true,
    fingerprint256: true,
    validFrom: true,
    validTo: true,
  } satisfies Keys<ClientCertificate>,
  "Message context": messageContext,
  Content: { body: true, type: true, json: true } satisfies Keys<Content>,
  When: {
    opcode: true,
    minLength: true,
    maxLength: true,
    includes: true,
    startsWith: true,
    json: true,
    body: true,
  } satisfies Keys<MessageFilter>,
  Frame: { origin: true, opcode: true, length: true, sequence: true, time: true } satisfies Keys<Frame>,
  "Connection context": {
    id: true,
    request: true,
    client: true,
    route: true,
    attributes: true,
    expires: true,
    subprotocol: true,
    server: true,
  } satisfies Keys<UpgradeContext>,
  "Close context": {
    initiator: true,
    code: true,
    reason: true,
    duration: true,
    messages: true,
    bytes: true,
    websock: true,
    session: true,
    options: true,
    log: true,
    kv: true,
    rates: true,
    secrets: true,
    alert: true,
  } satisfies Keys<CloseHookContext>,
  "Message verdict": {
    content: true,
    drop: true,
    reply: true,
    append: true,
    close: true,
    tick: true,
    held: true,
    renew: true,
  } satisfies Keys<MessageVerdict>,
  "Tick context": {
    time: true,
    late: true,
    websock: true,
    session: true,
    options: true,
    log: true,
    kv: true,
    rates: true,
    secrets: true,
    alert: true,
  } satisfies Keys<TickHookContext>,
  "Tick verdict": {
    toClient: true,
    toServer: true,
    close: true,
    tick: true,
    held: true,
    renew: true,
  } satisfies Keys<TickVerdict>,
  "Renew context": {
    reason: true,
    data: true,
    time: true,
    websock: true,
    session: true,
    options: true,
    log: true,
    kv: true,
    rates: true,
    secrets: true,
    alert: true,
  } satisfies Keys<RenewHookContext>,
  "Renew verdict": {
    attributes: true,
    expires: true,
    renewAt: true,
    toClient: true,
    toServer: true,
    close: true,
    tick: true,
  } satisfies Keys<RenewVerdict>,
  "Unavailable verdict": { reject: true, connect: true, hold: true } satisfies Keys<UnavailableVerdict>,
  Hold: { for: true, messages: true, bytes: true, subprotocol: true, close: true } satisfies Keys<Hold>,
  "Upgrade verdict": {
    connect: true,
    reject: true,
    attributes: true,
    headers: true,
    responseHeaders: true,
    subprotocol: true,
    contentType: true,
    expires: true,
    renewAt: true,
    tick: true,
  } satisfies Keys<UpgradeVerdict>,
};

const faultReasons = {
  throw: true,
  verdict: true,
  timeout: true,
  memory: true,
  killed: true,
  nonsense: true,
  unavailable: true,
} satisfies Readonly<Record<FaultReason, true>>;

for (const [heading, keys] of Object.entries(tables)) {
  test(`docs/policies.md has every key of "${heading}", and no others`, async (t) => {
    const section = sectionOf(await readDocument("docs/policies.md"), heading);
    t.deepEqual(namesIn(section), Object.keys(keys).sort());
  });
}

test("docs/policies.md has every hook", async (t) => {
  t.deepEqual(namesIn(sectionOf(await readDocument("docs/policies.md"), "Hooks")), [...HOOK_NAMES].sort());
});

test("docs/policies.md has every reason of a fault", async (t) => {
  const section = sectionOf(await readDocument("docs/policies.md"), "When a policy fails");
  t.deepEqual(
    namesIn(section.split("A fault belongs to one call")[0] ?? ""),
    Object.keys(faultReasons).sort(),
  );
});

test("docs/policies.md has every limit of the sandbox with its default", async (t) => {
  const section = sectionOf(await readDocument("docs/policies.md"), "Limits");
  const rows = rowsOf(section.split("These are fixed:")[0] ?? "");
  t.deepEqual(
    rows.map(([name, , value]) => [name, value]),
    Object.entries({ ...DEFAULT_POLICY_LIMITS, ...DEFAULT_HOST_LIMITS }).flatMap(([name, value]) =>
      typeof value === "number" ? [[`\`${name}\``, describeLimit(name, value)]] : [],
    ),
  );
});

test("the sandbox's defaults are those of the config", (t) => {
  const { sandbox } = resolveConfig({}, { dir: "/" });
  t.deepEqual(sandbox.limits, DEFAULT_POLICY_LIMITS);
  t.deepEqual(sandbox.host, DEFAULT_HOST_LIMITS);
});

function describeLimit(name: string, value: number): string {
  if (name.endsWith("Ms")) return `${value} ms`;
  const mebibytes = name.endsWith("Mb") ? value : value / 1024 ** 2;
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`;
}
