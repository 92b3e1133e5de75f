import test from "ava";
import type { CompressionInput } from "../../core/config/generated/config-input.ts";
import { resolveConfig } from "../../core/config/index.ts";
import { negotiate } from "../../core/upgrade/compression.ts";

const pmd = "permessage-deflate";
const bare = `${pmd}; client_no_context_takeover; server_no_context_takeover`;

test("both legs: the client's offer goes to the server, the server's answer to the client", (t) => {
  const { offer, accept } = negotiate(pmd, rules(true), false);
  t.is(offer, pmd);
  t.is(accept(pmd)?.header, pmd);
  t.is(accept(undefined)?.header, undefined);
});

test("neither leg: nothing is offered, and the client's header is not looked at", (t) => {
  for (const compression of [false, { client: false, server: false }]) {
    const { offer, accept } = negotiate(`${pmd};;`, rules(compression), false);
    t.is(offer, undefined);
    t.deepEqual(accept(undefined), { header: undefined, deflate: {} });
    t.is(accept(pmd), undefined);
  }
});

test("the client's leg alone: the gateway answers, and the server is offered nothing", (t) => {
  const { offer, accept } = negotiate(pmd, rules({ server: false }), false);
  t.is(offer, undefined);
  const agreed = accept(undefined);
  t.regex(agreed?.header ?? "", /client_no_context_takeover/);
  t.deepEqual(Object.keys(agreed?.deflate ?? {}), ["client"]);
  t.is(accept(pmd), undefined);
});

test("the server's leg alone: the gateway offers, and the client hears nothing of it", (t) => {
  const { offer, accept } = negotiate(`${pmd};;`, rules({ client: false }), false);
  t.regex(offer ?? "", /server_no_context_takeover/);
  const agreed = accept(bare);
  t.is(agreed?.header, undefined);
  t.deepEqual(Object.keys(agreed?.deflate ?? {}), ["server"]);
  t.deepEqual(accept(undefined), { header: undefined, deflate: {} });
  t.false(accept(pmd)?.deflate.server?.server.noContextTakeover, "a server that insists on its context");
});

test("what has to be read stands alone: for policies, and to measure the ratio", (t) => {
  t.regex(negotiate(pmd, rules(true), true).offer ?? "", /server_no_context_takeover/);
  t.regex(negotiate(pmd, rules({ maxRatio: 10 }), false).offer ?? "", /server_no_context_takeover/);
});

test("context takeover of one direction", (t) => {
  const client = negotiate(pmd, rules({ clientContextTakeover: false }), false);
  t.is(client.offer, pmd);
  t.is(client.accept(pmd)?.header, `${pmd}; client_no_context_takeover`);
  const server = negotiate(pmd, rules({ serverContextTakeover: false }), false);
  t.is(server.offer, `${pmd}; server_no_context_takeover`);
  t.is(server.accept(server.offer)?.header, server.offer);
});

function rules(compression: boolean | CompressionInput) {
  const route = { path: "/", upstream: "ws://localhost:1", compression };
  return resolveConfig({ routes: [route] }, { dir: "/" }).routes[0]!.compression;
}
