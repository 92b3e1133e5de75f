import { shareSandbox } from "./shared-sandbox.ts";
import { bodyOf, faultOf, show } from "./support.ts";
import { test } from "./transports.ts";

const useSandbox = shareSandbox();

test("a hook changes a message", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "orders",
    `export const client = ({ content, websock }) => ({
      content: { body: { ...content.json(), user: websock.context.attributes.user } },
    });`,
  );
  const { client } = fixture.seat("orders", { attributes: { user: "ada" } });
  t.deepEqual(bodyOf(await client({ id: 1 })), { id: 1, user: "ada" });
});

test("nothing returned leaves the message as it is, and so does a missing hook", async (t) => {
  const fixture = await useSandbox();
  await fixture.use("quiet", "export const client = () => {};");
  const { client, call } = fixture.seat("quiet");
  t.is(show(await client({})), "unchanged");
  t.is(show(await call("server", "{}")), "unchanged");
});

test("a hook reads every character of a message, whatever its size and alphabet", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "mirror",
    "export const client = ({ content }) => ({ content: { body: [content.body] } });",
  );
  const { call } = fixture.seat("mirror");
  for (const alphabet of ["abcdefg", "äöüß", "дело", "a文b字"])
    for (const length of [1023, 1024, 32 * 1024, 32 * 1024 + 1, 96 * 1024, 96 * 1024 + 1]) {
      const text = alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
      t.true((bodyOf(await call("client", text)) as [string])[0] === text, `${length} of ${alphabet}`);
    }
});

test("a thrown error is a fault with the author's file and line", async (t) => {
  const fixture = await useSandbox();
  const bundle = await fixture.use(
    "broken",
    `interface Order { id: number }

export const client = ({ content }) => {
  const order: Order = content.json();
  return check(order);
};

function check(order: Order) {
  throw new RangeError("no such order: " + order.id);
}`,
  );
  const fault = faultOf(await fixture.seat("broken").client({ id: 7 }));
  t.is(fault.reason, "throw");
  t.is(fault.version, bundle.version);
  t.is(fault.message, "`client` threw RangeError: no such order: 7");
  t.deepEqual(fault.stack.split("\n"), [
    "RangeError: no such order: 7",
    "    at check (broken.ts:9:9)",
    "    at client (broken.ts:5:10)",
  ]);
});
