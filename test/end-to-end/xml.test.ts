import test from "ava";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

const uses = {
  closing: { use: "@framegate/xml/limits", options: { depth: 2 } },
  replying: { use: "@framegate/xml/limits", options: { depth: 2, onViolation: "reply" } },
  dropping: { use: "@framegate/xml/limits", options: { onViolation: "drop", closeCode: 4000 } },
  hiding: { use: "@framegate/xml/redact", options: { paths: ["//a/@b", "//*:c"], find: ["card"] } },
} as const;

test("the XML pack by its names, from the config to the client", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies: {},
    routes: Object.entries(uses).map(([name, use]) => ({
      path: `/${name}`,
      upstream: server.url,
      policies: [use],
    })),
  });
  const connect = (name: keyof typeof uses) => connectClient(t, `${gateway.url}/${name}`);

  const replying = await connect("replying");
  const ask = async (message: string | Buffer) => {
    replying.send(message);
    return replying.next();
  };
  const error = (excess: string) => JSON.stringify({ error: `the message is refused: ${excess}` });
  const text = '<?xml version="1.0"?>\n<a>\r\n  <b c = "é"/></a>';
  t.is(await ask(text), text);
  t.deepEqual(await ask(Buffer.from(text)), Buffer.from(text), "a binary message, to the byte");
  t.is(await ask("<a><b><c/></b></a>"), error("elements nested more than 2 levels deep"));
  t.is(await ask("<!DOCTYPE a><a/>"), error("a document type declaration"));
  t.is(await ask(Buffer.from([0x3c, 0xff])), error("no UTF-8"));
  t.is(await ask("<a>".repeat(100_000)), error("more than 262144 characters"));
  t.is(await ask("<a/>"), "<a/>", "the connection goes on");

  const dropping = await connect("dropping");
  for (const each of ["<a>", "<b/>"]) dropping.send(each);
  t.is(await dropping.next(), "<b/>");

  const closing = await connect("closing");
  closing.send("<a>&b;</a>");
  t.deepEqual(await closing.closed, {
    code: 1008,
    reason: "the message is refused: no well-formed XML",
  });

  const hiding = await connect("hiding");
  const secret = "<a b='x'>\r\n <c xmlns=\"urn:x\"><d/>y</c> 4111&#32;1111 1111 1111</a>";
  const hidden = "<a b='***'>\r\n <c xmlns=\"urn:x\">***</c> ***</a>";
  for (const message of [secret, Buffer.from(secret)]) {
    hiding.send(message);
    t.is(String(await hiding.next()), hidden);
  }
  hiding.send("{}");
  t.deepEqual(await hiding.closed, { code: 1007, reason: "XML is expected" });
});
