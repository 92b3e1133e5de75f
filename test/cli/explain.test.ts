import test from "ava";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, echo, startServer } from "../support/peers/peers.ts";
import { runCommand } from "./in-process.ts";

const GUARD = `
  export const upgrade = ({ request }) => ({ attributes: { user: request.query.user } });
  export const client = ({ content }) => {
    if (content.body === "bye") return { close: { code: 4001, reason: "done" } };
    if (content.body === "psst") return { drop: true, reply: ["quiet"] };
    return { content: { body: content.body + "!" }, append: ["more"] };
  };`;

test("a session and one of its messages are explained: request, route, policies, messages, end", async (t) => {
  const { url: upstream } = await startServer(t, echo);
  const { gateway, logged, url } = await startGateway(t, {
    policies: { "guard.ts": GUARD },
    config: { console: { port: 0, token: false } },
    routes: [
      { path: "/chat/:room", upstream, policies: ["guard"], contentType: "text/plain", recording: true },
      { path: "/quiet", upstream },
    ],
  });
  const client = await connectClient(t, `${url}/chat/7?user=anna&token=hunter2`);
  for (const text of ["hello", "psst", "bye"]) client.send(text);
  await client.closed;
  const { id } = await logged(({ msg }) => msg === "session ended");
  const at = ["--gateway", `http://127.0.0.1:${gateway.addresses.console!.port}`];
  const explain = (...args: readonly string[]) => runCommand(["explain", ...args, ...at]);

  const { exitCode, stdout } = await explain(String(id));
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /^Request +GET \/chat\/7\?user=anna&token=\[redacted\] HTTP\/1\.1 from 127\.0\.0\.1:\d+, \d{4}-/,
  );
  t.regex(stdout, /\nRoute +\/chat\/:room: it is for the path \/chat\/:room and any host\n/);
  t.regex(
    stdout,
    /\nAnswer +101 after [\d.]+ ms\nServer +ws:\/\/127\.0\.0\.1:\d+\/chat\/7\nAttributes +user=anna\n/,
  );
  t.regex(stdout, /\nPOLICY +VERSION +DID +AFTER +DETAIL\nguard +\w+ +replaced +[\d.]+ ms\n/);
  t.regex(stdout, /\nclient:1 +text +[\d.]+ ms +5 +replaced +guard replaced [\d.]+ ms\n/);
  t.regex(stdout, /\nclient:2 +text +[\d.]+ ms +4 +dropped +guard /);
  t.regex(stdout, /\nEnd +4001 "done" by the policy guard \(policy\) after [\d.]+ ms\n/);

  const first = (await explain(String(id), "client:1")).stdout;
  t.regex(
    first,
    /^Message 1 of the client, [^\n]*: text, 5 bytes, masked with [0-9a-f]{8}\nIt was replaced, after /,
  );
  t.true(
    first.endsWith(
      "\nIt came from the client as:\nhello\n\nIt left for the server as:\nhello!\n\nA policy added for the server:\nmore\n",
    ),
  );
  t.regex((await explain(String(id), "client:2")).stdout, /\nA policy replied to the client:\nquiet\n$/);

  t.is((await explain(String(id), "--json")).exitCode, 0);
  t.deepEqual(await explain(String(id), "client:9"), {
    exitCode: 1,
    stdout: "",
    stderr: `framegate: Message client:9 of session "${id}" is not among what is kept: \`framegate explain ${id}\` lists those that are.\n`,
  });
  t.is((await explain(String(id), "9")).exitCode, 2);
  t.regex(
    (await explain("x-1")).stderr,
    /^framegate: Nothing is recorded of session "x-1": `recording` is off for its route/,
  );
});
