import test from "ava";
import { createContextTexts } from "../../../sandbox/client/context-text.ts";
import type { ConnectionContext } from "../../../sandbox/contract.ts";

const context: ConnectionContext = {
  request: {
    method: "GET",
    url: "/",
    path: "/",
    params: {},
    query: {},
    queryAll: {},
    headers: [["Host", "h"]],
  },
  client: { address: "127.0.0.1", port: 1, tls: false, certificate: null },
  route: { path: "/" },
  attributes: { user: "ada" },
  subprotocol: "",
  server: { url: "ws://127.0.0.1/" },
};

test("the text has the parts in the order in which they stand", (t) => {
  t.is(
    createContextTexts()(context),
    '{"request":{"method":"GET","url":"/","path":"/","params":{},"query":{},"queryAll":{},"headers":[["Host","h"]]},' +
      '"client":{"address":"127.0.0.1","port":1,"tls":false,"certificate":null},"route":{"path":"/"},' +
      '"attributes":{"user":"ada"},"subprotocol":"","server":{"url":"ws://127.0.0.1/"}}',
  );
});

test("a context becomes text once, however many seats it has; an equal one is another", (t) => {
  let times = 0;
  const counted = (user: string) => ({
    ...context,
    get attributes() {
      times++;
      return { user };
    },
  });
  const textOf = createContextTexts();
  const [ada, bob] = [counted("ada"), counted("bob")];
  t.is(textOf(ada), textOf(ada));
  t.is(times, 1);
  t.regex(textOf(bob), /bob/);
  t.is(times, 2);
});
