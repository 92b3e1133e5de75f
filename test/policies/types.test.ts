import { symlink } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { findPolicies } from "../../policies/folder.ts";
import { checkTypes } from "../../policies/type-check.ts";
import type { TypeProblem } from "../../policies/type-problems.ts";
import { makeFolder } from "./temporary-folder.ts";

type Files = Readonly<Record<string, string>>;

async function problemsOf(
  t: ExecutionContext,
  files: Files,
): Promise<{ root: string; problems: TypeProblem[] }> {
  const root = await makeFolder(t, files);
  const dir = join(root, "policies");
  return { root, problems: await checkTypes(dir, await findPolicies(dir)) };
}

/** Each line is a hook of its own; gives those in which nothing is found. */
async function linesWithoutProblem(t: ExecutionContext, lines: readonly string[]): Promise<string[]> {
  const head = 'import type { Close, Message, Upgrade } from "framegate/policy";';
  const { problems } = await problemsOf(t, { "policies/all.ts": [head, ...lines].join("\n") });
  return lines.filter((_, i) => !problems.some(({ line }) => line === i + 2));
}

test("what a policy may do compiles", async (t) => {
  const { problems } = await problemsOf(t, {
    "policies/orders.ts": `
      import type { Close, Message, MessageHookContext, Upgrade } from "framegate/policy";
      import { prefix } from "./_lib/names.ts";
      import limits from "./limits.json" with { type: "json" };
      import { answer } from "pkg";
      interface Order { id: string; lines?: { sku: string }[] }
      export const route = { path: "/orders" };
      export const upgrade: Upgrade<{ origin: string }> = async ({ request, options, log }) => {
        const url = new URL(request.url, options.origin);
        if (!request.headers.get("authorization")) return { reject: { status: 401, body: { error: "who?" } } };
        log.info(url.searchParams.get("a") ?? "", ...request.headers.getAll("x"));
        const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a"));
        if (hash.byteLength > limits.max) return;
        return {
          connect: "wss://orders.internal/live",
          attributes: { user: prefix + "x", id: crypto.randomUUID(), roles: ["a"], nested: { n: 1 } },
          headers: { "x-user": "x", cookie: null, "x-many": ["a", "b"] },
          expires: Date.now() + 1000,
        };
      };
      export const client: Message<object, { count?: number }> = ({ content, session, websock, frame }) => {
        session.count = (session.count ?? 0) + answer;
        if (frame.length > 1e6) return { close: { code: 1009, reason: "too big" } };
        if (frame.opcode === "binary") return { drop: true, reply: [new Uint8Array(3)] };
        return { content: { body: { ...content.json(), user: websock.context.attributes.user } } };
      };
      export async function server({ content }: MessageHookContext) {
        const order = content.json<Order>();
        if (!order.id) return { drop: true };
        return { content: { body: order }, append: [{ ack: order.id }, [1], "text", structuredClone(order)] };
      }
      export const check: Message = server;
      export const edit: Message = ({ content, frame, websock }) => ({
        content: {
          set: { user: websock.context.attributes.user, time: frame.time, order: content.json<Order>(), all: [{}] },
          remove: frame.sequence > 1 ? ["internal"] : [],
        },
      });
      export const trim: Message = () => ({ content: { remove: ["internal"] }, reply: ["trimmed"] });
      export const close: Close = ({ code, session }) => console.log(code, session.anything);`,
    "policies/_lib/names.ts": "export const prefix: string = btoa('x');",
    "policies/limits.json": '{ "max": 64 }',
    "policies/plain.js": "export const client = ({ content }) => ({ content: { body: content.body + 1 } });",
    "policies/module.mts": "export {};",
    "node_modules/pkg/package.json": '{ "name": "pkg", "types": "index.d.ts", "main": "index.js" }',
    "node_modules/pkg/index.d.ts": 'import "not-there"; export declare const answer: number;',
  });
  t.deepEqual(problems, []);
});

test("a wrong verdict of a message hook does not compile", async (t) => {
  const verdicts = [
    '{ body: "x" }',
    '{ drop: "yes" }',
    '{ contents: { body: "x" } }',
    '{ content: "x" }',
    '{ content: { text: "x" } }',
    "{ content: {} }",
    "{ content: { body: undefined } }",
    '{ content: { body: "x", set: { a: 1 } } }',
    "{ content: { set: 1 } }",
    "{ content: { set: { a: () => 1 } } }",
    "{ content: { set: { a: 1n } } }",
    "{ content: { set: { a: Promise.resolve(1) } } }",
    '{ content: { remove: "a" } }',
    "{ content: { remove: [1] } }",
    "{ content: { body: () => 1 } }",
    '{ content: { body: Promise.resolve("x") } }',
    "{ content: { body: new Map() } }",
    "{ content: { body: 1n } }",
    '{ close: { code: "1000" } }',
    "{ close: 1000 }",
    "{ close: true }",
    '{ reply: "x" }',
    '{ replies: ["x"] }',
    "{ append: [() => 1] }",
    "{ reject: { status: 401 } }",
    '{ attributes: { user: "x" } }',
    '"x"',
    "true",
    '["x"]',
  ];
  const lines = verdicts.flatMap((verdict, i) => [
    `export const sync${i}: Message = () => (${verdict});`,
    `export const async${i}: Message = async () => (${verdict});`,
  ]);
  t.deepEqual(await linesWithoutProblem(t, lines), []);
});

test("a wrong verdict of an upgrade hook does not compile", async (t) => {
  const verdicts = [
    "{ reject: 401 }",
    "{ reject: true }",
    "{ reject: { code: 401 } }",
    '{ reject: { status: "401" } }',
    "{ reject: { status: 401, body: 5 } }",
    "{ status: 401 }",
    "{ connect: 1 }",
    "{ attributes: { f: () => 1 } }",
    "{ expires: new Date() }",
    "{ headers: { a: 1 } }",
    "{ drop: true }",
    '{ content: { body: "x" } }',
    "false",
  ];
  const lines = verdicts.map((verdict, i) => `export const upgrade${i}: Upgrade = async () => (${verdict});`);
  t.deepEqual(await linesWithoutProblem(t, lines), []);
});

test("a key that no verdict has does not compile, also beside right ones, and is named with the right one", async (t) => {
  const forms = [
    "export const a: Message = () => ({ drop: true, replies: [] });",
    "export const b: Message = async () => ({ drop: true, replies: [] });",
    "export const c: Message = () => { if (Math.random() > 1) return; return { drop: true, droped: 1 }; };",
    "export const d: Message = () => (Math.random() > 1 ? { drop: true } : { drop: true, kontent: 1 });",
    "const made = () => ({ drop: true, appended: [] }); export const e: Message = () => made();",
    "export const f: Message = () => { const v = { drop: true, conten: 1 }; return v; };",
    "export const g = (() => ({ drop: true, dropp: 1 })) satisfies Message;",
    "export const h: Message = () => ({ close: { code: 1000, reson: 'x' } });",
    "export const i: Message = () => ({ drop: true, closeCode: 1 });",
    "export const j: Message = () => ({ tick: { in: 5, att: 1 } });",
    "export const k: Message = () => ({ content: { set: {}, removed: [] } });",
    "export const l: Upgrade = () => ({ reject: { status: 401, bdy: 'x' } });",
    "export const m: Upgrade = async () => ({ attributes: {}, atributes: {} });",
    "export async function client() { return { drop: true, replied: 1 }; }",
    "export const server = () => { return { drop: true, holds: 1 } };",
    "interface Mine { drop: boolean } declare const mine: Mine; export const p: Message = () => mine;",
    "export const q: Message = () => ({ drop: true, body: 1 });",
  ];
  const head = 'import type { Message, Upgrade } from "framegate/policy";';
  const { problems } = await problemsOf(t, {
    "policies/all.ts": [head, ...forms].join("\n"),
    "policies/plain.js": "export const client = () => ({ drop: true, droped: 1 });",
  });
  const said = problems.map(({ file, line, column, code, message }) => {
    const source = file.endsWith(".js") ? "" : forms[line - 2]!;
    return `${source.slice(column - 1).split(/\W/)[0]}${code}: ${message}`;
  });
  const itsKeys = "`content`, `drop`, `reply`, `append`, `close`, `renew`, `tick` and `held`";
  t.deepEqual(said.toSorted(), [
    ": a `MessageVerdict` has no key `droped`; did you mean `drop`?",
    "appended: a `MessageVerdict` has no key `appended`; did you mean `append`?",
    "atributes: an `UpgradeVerdict` has no key `atributes`; did you mean `attributes`?",
    "att: a `NextTick` has no key `att`; did you mean `at`?",
    "bdy: a `Rejection` has no key `bdy`; did you mean `body`?",
    `body: a \`MessageVerdict\` has no key \`body\`; its keys are ${itsKeys}`,
    "closeCode: a `MessageVerdict` has no key `closeCode`; did you mean `close`?",
    "conten: a `MessageVerdict` has no key `conten`; did you mean `content`?",
    "droped: a `MessageVerdict` has no key `droped`; did you mean `drop`?",
    "dropp: a `MessageVerdict` has no key `dropp`; did you mean `drop`?",
    "holds: a `MessageVerdict` has no key `holds`; did you mean `held`?",
    `kontent: a \`MessageVerdict\` has no key \`kontent\`; its keys are ${itsKeys}`,
    "mine: what is returned is a `Mine`, an interface, which may have more keys than a verdict has: make it a `type`",
    "removed: a `NewContent` has no key `removed`; did you mean `remove`?",
    "replied: a `MessageVerdict` has no key `replied`; did you mean `reply`?",
    "replies: a `MessageVerdict` has no key `replies`; did you mean `reply`?",
    "replies: a `MessageVerdict` has no key `replies`; did you mean `reply`?",
    "reson: a `CloseVerdict` has no key `reson`; did you mean `reason`?",
  ]);
});

test("of what has keys that the compiler does not know it is said that they are not known, and no word of the code is taken for one", async (t) => {
  const forms = [
    'export const a: Message = () => Object.fromEntries([["drop", true]]);',
    'export const b: Message = () => pick("drop", true);',
    "export const c: Message = ({ content }) => { const v = {} as Record<string, Json>; return v; };",
    "export const d: Upgrade = async () => pick('connect', 1);",
    "class Bad { code = 4000 } export const e: Message = () => ({ close: new Bad() });",
    "class Wide<T> { drop = true; of?: T } export const f: Message = () => new Wide<string>();",
    "export const g: Message = () => new Map();",
    'export const h: Message = () => Object.fromEntries([["drop", true]]) as MessageVerdict;',
    "export const i: Message = () => ({ close: { ...new Bad() } });",
    "export const client = () => Object.fromEntries([['drop', true]]);",
  ];
  const head =
    'import type { Json, Message, MessageVerdict, Upgrade } from "framegate/policy"; const pick = (key: string, value: unknown) => ({ [key]: value });';
  const { problems } = await problemsOf(t, { "policies/all.ts": [head, ...forms].join("\n") });
  const unknown = (verdict: string) =>
    `the keys of what is returned are not known here, and ${verdict} has none but its own: write them, or say \`as ${verdict.split("`")[1]}\``;
  const ofClass = (name: string) =>
    `what is returned is of the class \`${name}\`, and a verdict is made of plain objects: make it \`{ ...it }\``;
  t.deepEqual(
    problems.map(({ line, message }) => [line - 2, message]),
    [
      [0, unknown("a `MessageVerdict`")],
      [1, unknown("a `MessageVerdict`")],
      [2, unknown("a `MessageVerdict`")],
      [3, unknown("an `UpgradeVerdict`")],
      [4, ofClass("Bad")],
      [5, ofClass("Wide<string>")],
      [
        6,
        "what is returned is a `Map<any, any>`, which may have more keys than a verdict has: if it is an interface make it a `type`, else write its keys",
      ],
    ],
  );
});

test("what a verdict is made of may be made elsewhere, and what authors do with its type stays cheap", async (t) => {
  const { problems } = await problemsOf(t, {
    "policies/all.ts": `
      import type { CloseVerdict, Message, MessageVerdict, NextTick, Tick, UpgradeVerdict, Upgrade } from "framegate/policy";
      const refuse = (code: number): MessageVerdict => ({ close: { code, reason: "no" } });
      const close: CloseVerdict = { code: 1008 };
      const next: NextTick = { in: 5 };
      const plain = { drop: true, tick: next };
      export const client: Message = ({ frame }) => (frame.length > 5 ? refuse(1008) : { ...plain, close, reply: [{ body: 1, any: 2 }] });
      export const server: Message = async ({ frame }) => (frame.length > 5 ? undefined : { drop: true, tick: false });
      export const upgrade: Upgrade = () => ({ attributes: { replies: 1 }, headers: { contents: "x" } });
      export const tick: Tick = () => ({ toClient: ["x"], renew: { replies: 1 } });
      export const half = (verdict: Partial<UpgradeVerdict>): Omit<UpgradeVerdict, "tick"> => verdict;
      export const keys: readonly (keyof UpgradeVerdict)[] = ["connect"];
      export function renew() { return { tick: false }; }`,
  });
  t.deepEqual(problems, []);
});

test("a write to a context does not compile", async (t) => {
  const lines = [
    'export const a: Message = ({ content }) => { content.body = "x"; };',
    'export const b: Message = ({ websock }) => { websock.context.attributes.user = "x"; };',
    'export const c: Message = ({ options }) => { options.limit = "x"; };',
    "export const d: Message = ({ frame }) => { frame.length++; };",
    'export const e: Upgrade = ({ attributes }) => { attributes.user = "x"; };',
    'export const f: Upgrade = ({ request }) => { request.headers.set("a", "b"); };',
    'export const g: Upgrade = ({ request }) => { request.params.id = "x"; };',
    "export const h: Close = (context) => { context.code = 1000; };",
    "export const i: Message = (context) => { context.session = {}; };",
  ];
  t.deepEqual(await linesWithoutProblem(t, lines), []);
});

test("what is not in the sandbox does not compile", async (t) => {
  const names = [
    ..."process Buffer require global window document setInterval setImmediate".split(" "),
    ..."performance WebSocket Request EventTarget navigator __dirname".split(" "),
  ];
  const lines = [
    ...names.map((name) => `export const of_${name} = ${name};`),
    'export { readFile } from "node:fs/promises";',
    "export const key = crypto.subtle.wrapKey;",
    'export const latin = new TextDecoder("latin1");',
  ];
  t.deepEqual(await linesWithoutProblem(t, lines), []);
});

test("a problem has its place, in the policy or in what it imports, and all its lines", async (t) => {
  const { root, problems } = await problemsOf(t, {
    "policies/a b.ts":
      'import type { Message } from "framegate/policy";\nimport "../shared/é.ts";\nexport const client: Message = async () => "drop";\n',
    "shared/é.ts": "export const x: number =\n  'x';\n",
  });
  t.deepEqual(
    problems.map(({ file, line, column, code }) => [file, line, column, code]),
    [
      [join(root, "policies/a b.ts"), 3, 44, "TS2322"],
      [join(root, "shared/é.ts"), 1, 14, "TS2322"],
    ],
  );
  t.regex(problems[0]!.message, /^Type .* is not assignable to type .*\n {2}/);
  t.is(problems[1]!.message, "Type 'string' is not assignable to type 'number'.");
});

test("a syntax error in a policy does not hide what is wrong with the types of others", async (t) => {
  const { problems } = await problemsOf(t, {
    "policies/broken.ts": "export const client = ({ => {};\n",
    "policies/types.ts": 'export const client = () => ({ drop: "yes" as const });\nconst n: number = "a";\n',
    "policies/fine.ts": "export const client = () => ({ drop: true as const });\n",
  });
  const places = problems.map(({ file, line }) => `${file.split("/").at(-1)}:${line}`);
  t.true(places.includes("broken.ts:1"));
  t.true(places.includes("types.ts:2"));
  t.false(places.some((place) => place.startsWith("fine.ts")));
  t.is(new Set(problems.map(({ file, line, column }) => `${file}:${line}:${column}`)).size, problems.length);
});

test("the folder may be a link", async (t) => {
  const root = await makeFolder(t, { "real/auth.ts": "export const client: number = '';" });
  await symlink("real", join(root, "policies"));
  const problems = await checkTypes(join(root, "policies"), await findPolicies(join(root, "policies")));
  t.is(problems.length, 1);
});

test("a policy that is gone is an error of the check and not a clean result", async (t) => {
  const root = await makeFolder(t);
  const checking = checkTypes(root, [{ name: "auth", file: join(root, "auth.ts") }]);
  await t.throwsAsync(checking, { code: "ERR_POLICY_TYPES", message: /auth\.ts/ });
});
