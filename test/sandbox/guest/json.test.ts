import fc from "fast-check";
import { parseJson } from "../../../sandbox/guest/globals/json.ts";
import { shareSandbox } from "../shared-sandbox.ts";
import { bodyOf } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox();

/** After it V8 takes `"\u0074ype"` for the name `\u00`, and others like it. */
const TEACHER = String.raw`{"q":[{"q":1,"\\u00":1}]}`;
const TRANSFER = String.raw`{"amount":1000,"\u0074ype":"transfer"}`;

test("no message hides a member from a policy, by an escaped name, whatever names came before", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "reads",
    `export const client = ({ content }) => {
      const [read, parsed] = [content.json(), JSON.parse(content.body)];
      return { content: { body: [read.type ?? null, parsed.type ?? null, Object.keys(read)] } };
    };`,
  );
  const { client } = fixture.seat("reads");
  const both = String.raw`{"amount":1000,"q":[{"amount":1,"q":1,"\\u00":1}],"\u0074ype":"transfer"}`;
  for (const [body, names] of [
    [TRANSFER, ["amount", "type"]],
    [TEACHER, ["q"]],
    [TRANSFER, ["amount", "type"]],
    [both, ["amount", "q", "type"]],
  ] as const) {
    const type = names.includes("type" as never) ? "transfer" : null;
    t.deepEqual(bodyOf(await client(body)), [type, type, names]);
  }
});

const hex = (unit: number) => `\\u${unit.toString(16).padStart(4, "0")}`;
/** A name as others may write it, and what it is. */
const name = fc
  .array(fc.tuple(fc.constantFrom("a", "b", "u", "0", "é", "😀", "/", "\n"), fc.boolean()), { maxLength: 5 })
  .map((units) => {
    const write = (text: string, isEscaped: boolean) =>
      isEscaped || text === "\n"
        ? Array.from({ length: text.length }, (_, at) => hex(text.charCodeAt(at))).join("")
        : text;
    return {
      text: units.map(([text]) => text).join(""),
      written: `"${units.map(([text, isEscaped]) => write(text, isEscaped)).join("")}"`,
    };
  });

test("property: each name is read as it is written, whatever was read before", (t) => {
  const space = fc.constantFrom("", " ", "\n\t");
  const member = fc.tuple(name, space, fc.constantFrom("1", '"\\\\":"', '"x\\n"', "[]", '{"\\u0061":2}'));
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), (members) => {
      parseJson(TEACHER);
      parseJson(String.raw`{"\\u0061":1,"\\n":1,"\\/":1,"a\\u00":1}`);
      const usable = members.map(
        ([key, gap, value]) => [key, gap, value === '"\\\\":"' ? '"\\\\"' : value] as const,
      );
      const text = `{${usable.map(([key, gap, value]) => `${key.written}${gap}:${value}`).join(",")}}`;
      const names = usable.map(([key]) => key.text).filter((key) => key !== "\n" && !key.includes("\n"));
      const read = Object.keys(parseJson(text) as object);
      for (const each of names) t.true(read.includes(each), text);
    }),
  );
});

test("what is no JSON is none, however it is escaped, and says what JSON.parse says", (t) => {
  const wrong = ['{"x":\\u0031,":y":2}', '{\\"a":1}', '{"\\x":1}', '{"\\u00":1}', '"\\', '{"a\\":1}', '\\":'];
  for (const text of wrong) {
    const { message } = t.throws(() => JSON.parse(text), { instanceOf: SyntaxError });
    t.throws(() => parseJson(text), { instanceOf: SyntaxError, message }, text);
  }
});

test("values, revivers and what is no string are as with JSON.parse", (t) => {
  const text = '{"\\u0061":"\\u0062\\":","c":["\\\\"]}';
  t.deepEqual(parseJson(text), JSON.parse(text));
  const revive = (_: string, value: unknown) => (typeof value === "string" ? `${value}!` : value);
  t.deepEqual(parseJson(text, revive), JSON.parse(text, revive));
  t.is(parseJson(1 as never), 1);
});
