import test from "ava";
import { at } from "../../support/at.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

test("upgrade hooks run in the order of the chain, each seeing the attributes of those before", async (t) => {
  const add = (name: string) => `export const upgrade = ({ attributes }) => ({
    attributes: { path: [...(attributes.path ?? []), "${name}"], ${name}: true },
    headers: { "x-last": "${name}", "x-${name}": "yes" } });`;
  const { connect, server } = await start(t, {
    "one.ts": add("one"),
    "two.ts": `${add("two")}
      export const client = ({ websock }) => ({ reply: [websock.context.attributes], drop: true });`,
    "three.ts": add("three"),
  });
  const client = await connect();
  client.send("?");
  t.deepEqual(await client.nextJson(), { path: ["one", "two", "three"], one: true, two: true, three: true });
  const { headers } = at(server.requests, 0);
  t.is(headers["x-last"], "three");
  for (const name of ["one", "two", "three"]) t.is(headers[`x-${name}`], "yes");
});

test("the first rejection ends the chain: the policies behind it are not asked", async (t) => {
  const { gateway, refused } = await start(t, {
    "first.ts": `export const upgrade = ({ log }) => { log.info("asked first"); };`,
    "second.ts": "export const upgrade = () => ({ reject: { status: 402 } });",
    "third.ts": `export const upgrade = ({ log }) => { log.info("asked third"); };`,
  });
  t.is((await refused()).status, 402);
  await gateway.logged(({ msg }) => msg === "asked first");
  t.is((await refused()).status, 402);
  t.false(gateway.log.some(({ msg }) => msg === "asked third"));
});

test("attributes are private to their connection", async (t) => {
  const { connect } = await start(t, {
    "who.ts": `
      export const upgrade = ({ request }) => ({ attributes: { user: { name: request.query.user } } });
      export const client = ({ websock }) => ({ reply: [websock.context.attributes.user.name], drop: true });`,
  });
  const users = ["ann", "bob", "cyd", "dan"];
  const clients = await Promise.all(users.map((user) => connect(`/?user=${user}`)));
  for (let round = 0; round < 3; round++) {
    for (const client of clients) client.send("who?");
    t.deepEqual(await Promise.all(clients.map((client) => client.next())), users);
  }
});

test("the earliest expires of a chain counts", async (t) => {
  const at = (expression: string) => `export const upgrade = () => ({ expires: ${expression} });`;
  const { connect } = await start(t, {
    "late.ts": at("Date.now() + 3_600_000"),
    "soon.ts": at("Date.now() + 50"),
    "later.ts": at("Date.now() + 7_200_000"),
  });
  t.deepEqual(await (await connect()).closed, { code: 1008, reason: "expired" });
});
