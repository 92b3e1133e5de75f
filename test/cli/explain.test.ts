import { join } from "node:path";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, echo, refusedUpgrade, startServer } from "../support/peers/peers.ts";
import { runCommand } from "./in-process.ts";

const GUARD = `
  export const upgrade = ({ request }) => {
    if (request.query.user === undefined) return { reject: { status: 403 } };
    return { attributes: { user: request.query.user } };
  };
  export const client = ({ content }) => {
    if (content.body === "bye") return { close: { code: 4001, reason: "done" } };
    if (content.body === "psst") return { drop: true, reply: ["quiet"] };
    return { content: { body: content.body + "!" }, append: ["more"] };
  };`;
const LOUD = `
  export const when = { tick: { every: 50 } };
  export const tick = ({ session }) => {
    session.count = (session.count ?? 0) + 1;
    if (session.count === 2) return { toClient: ["token=hunter2"], toServer: ["one", "two"] };
  };
  export const client = ({ content }) => {
    if (content.body === "trip!") throw new Error("tripped");
    return { content: { body: content.body.toUpperCase() } };
  };`;

test("a session and one of its messages are explained: request, route, policies, messages, end", async (t) => {
  const { url: upstream } = await startServer(t, echo);
  const { gateway, logged, url } = await startGateway(t, {
    policies: { "guard.ts": GUARD, "loud.ts": LOUD },
    config: { console: { port: 0, token: false } },
    routes: [
      {
        path: "/chat/:room",
        upstream,
        policies: ["guard", "loud"],
        contentType: "text/plain",
        recording: true,
        onError: "pass",
      },
      { path: "/*", upstream },
    ],
  });
  const client = await connectClient(t, `${url}/chat/7?user=anna&token=hunter2`);
  const ticked = new Promise((resolve) => {
    client.ws.on("message", (data) => String(data).includes("token=") && resolve(data));
  });
  await ticked;
  for (const text of ["hello", "psst", "trip", "bye"]) client.send(text);
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
  t.regex(
    stdout,
    /\nRoute +\/chat\/:room: path \/chat\/7 fits \/chat\/:room, host 127\.0\.0\.1:\d+ fits any; without it the request comes to \/\*\n/,
  );
  t.regex(
    stdout,
    /\nAnswer +101 after [\d.]+ ms\nServer +ws:\/\/127\.0\.0\.1:\d+\/chat\/7\nAttributes +user=anna\n/,
  );
  t.regex(
    stdout,
    /\nPOLICY +VERSION +DID +WAITED +TOOK +LINE +DETAIL\nguard +\w+ +replaced +[\d.]+ ms +[\d.]+ ms +[^ ]*guard\.ts:2 +attributes user\n/,
  );
  t.regex(
    stdout,
    /\nclient:1 +text +[\d.]+ ms +5 +replaced +[\d.]+ ms +guard replaced [\d.]+ ms; loud replaced /,
  );
  t.regex(stdout, /\nclient:2 +text +[\d.]+ ms +4 +dropped +[\d.]+ ms +guard /);
  t.regex(
    stdout,
    /\nEnd +4001 "done" by the policy guard after [\d.]+ ms\nPolicy +guard, version \w{12}\nCall +client:4, client hook closed it, [^ ]*guard\.ts:\d+\n/,
  );
  t.regex(
    stdout,
    /\nHOOK +CALLED BY[^\n]*\ntick +time +[\d.]+ ms +loud +\w{12} +sent +[\d.]+ ms +1 to the client, 2 to the server +[^ ]*loud\.ts:3 *\n\nEnd/,
  );
  t.regex(stdout, /\nCodes +the client sent 4001 and got 4001; the server sent 4001 and got 4001\n/);

  const first = (await explain(String(id), "client:1")).stdout;
  t.regex(first, /^Message 1 of the client, [^\n]*: text, 5 bytes\nIt was replaced, after /);
  t.true(
    first.endsWith(
      "\nIt came from the client as:\nhello\n\nguard made of it:\nhello!\n\nIt left for the server as:\nHELLO!\n\nA policy added for the server:\nMORE\n",
    ),
  );
  t.regex((await explain(String(id), "client:2")).stdout, /\nA policy replied to the client:\nquiet\n$/);

  // What a policy did is told with its line: of a fault that which threw.
  const tripped = (await explain(String(id), "client:3")).stdout;
  t.regex(tripped, /\nloud +\w+ +failed .* [^ ]*loud\.ts:8:\d+ +.*tripped\n/);

  // The command line says what the API says.
  const api = `${at[1]}/api/v1/sessions/${id}/explain`;
  const told = await (await fetch(`${api}?limit=10000`)).json();
  t.deepEqual(JSON.parse((await explain(String(id), "--json")).stdout), told);
  t.like(told, { hooks: [{ toClient: [{ data: "token=[redacted]" }] }] });
  t.like(await (await fetch(`${api}/client:1`)).json(), {
    ...{ message: "client:1", outcome: "replaced", sent: { data: "HELLO!" } },
    steps: [
      { policy: "guard", action: "replaced", input: { data: "hello" }, output: { data: "hello!" } },
      { policy: "loud", action: "replaced", input: { data: "hello!" }, output: { data: "HELLO!" } },
    ],
  });
  t.deepEqual(await explain(String(id), "client:9"), {
    exitCode: 1,
    stdout: "",
    stderr: `framegate: The gateway at ${at[1]} says: message client:9 of session "${id}" is not among what is kept; \`framegate explain ${id}\` lists those that are\n`,
  });
  t.is((await explain(String(id), "9")).exitCode, 2);
  await refusedUpgrade(`${url}/chat/7`);
  const refused = await logged(({ msg }) => msg === "upgrade refused");
  t.regex(
    (await explain(String(refused.id))).stdout,
    /\nAnswer +403 .*\n\nIt was refused: there was no session\.\n$/s,
  );
  t.regex(
    (await explain("x-1")).stderr,
    / says: nothing is recorded of session "x-1": `recording` is off for its route/,
  );
});

// By itself, for it takes the process elsewhere.
test.serial(
  "a config is explained: by its name, or the one of this folder, with --set and the options of start",
  async (t) => {
    const dir = await makeFolder(t, {
      "framegate.config.yaml": "listen: [{ port: 1 }]\nconsole: { token: token-of-16-characters }\n",
    });
    const { stdout } = await runCommand(["explain", "--set", "log.level=debug", "--port", "8081"], dir);
    t.regex(stdout, /^ {4}port: 8081 +# --port$/m);
    t.regex(stdout, /^ {2}level: debug +# --set log\.level$/m);
    t.regex(stdout, /^ {2}token: "\[hidden\]" +# framegate\.config\.yaml:2$/m);
    const short = await runCommand(["explain", "--short", "--set", "log.level=debug"], dir);
    t.deepEqual(
      short.stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/ +#/, " #")),
      [
        "listen:",
        "  - port: 1 # framegate.config.yaml:1",
        "console:",
        '  token: "[hidden]" # framegate.config.yaml:2',
        "log:",
        "  level: debug # --set log.level",
      ],
    );
    const named = await runCommand(["explain", "framegate.config.yaml", "--json"], dir);
    const { values } = JSON.parse(named.stdout);
    t.deepEqual(
      values.find(({ path }: { path: string }) => path === "listen[0].port"),
      { path: "listen[0].port", value: 1, isSecret: false, from: { kind: "file", line: 1 } },
    );
    const refusals: readonly (readonly [args: readonly string[], stderr: string])[] = [
      [
        ["c.yaml", "--gateway", "http://a"],
        "framegate: --gateway: a config is read here, and no gateway asked. See `framegate --help`.\n",
      ],
      [
        ["2d53-1f", "--console-port", "1"],
        'framegate: --console-port: "2d53-1f" is a session, not a config file. See `framegate --help`.\n',
      ],
      [
        ["--set", "log.lvel=debug"],
        "framegate: --set has a problem:\n  log.lvel: unknown option; did you mean `level`?\n",
      ],
      [
        ["--set", "listen.0.port=http", "--set", "routes[0].path=a", "--set", "routes.0.upstream=ws://a"],
        `framegate: ${join(dir, "framegate.config.yaml")} has 2 problems:\n  listen[0].port: expected a port from 0 to 65535, got "http" (by --set)\n  routes[0].path: expected a path that begins with \`/\`, got "a" (by --set)\n`,
      ],
    ];
    for (const [args, stderr] of refusals) t.is((await runCommand(["explain", ...args], dir)).stderr, stderr);
  },
);
