import test from "ava";
import { refusedUpgrade, startServer } from "../../support/peers/peers.ts";
import { startPolicies } from "../../support/policies.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

test("log and console.log come out in the gateway's log with policy, route and session", async (t) => {
  const { connect, gateway, route } = await start(
    t,
    {
      "talk.ts": `
        console.log("at load");
        export const upgrade = ({ log, request }) => { log.info("upgrade of", request.path); };
        export const client = ({ log, content }) => {
          console.log("console", { text: content.body, list: [1, "x"] });
          log.debug("quiet"); log.info("normal"); log.warn("careful"); log.error(new Error("bad").message, 7);
        };
        export const close = ({ log, code }) => log.info("closed with", code);`,
    },
    { route: { path: "/rooms/:room", policies: ["talk"] } },
  );
  const client = await connect("/rooms/1");
  client.send("hi");
  await client.next();
  client.close(1000);
  await gateway.logged(({ msg }) => msg === "closed with 1000");

  const { id } = await gateway.logged(({ msg }) => msg === "session started");
  const common = { policy: "talk", route, session: id };
  const expected: Readonly<Record<string, string>> = {
    "upgrade of /rooms/1": "info",
    'console { text: "hi", list: [1, "x"] }': "info",
    quiet: "debug",
    normal: "info",
    careful: "warn",
    "bad 7": "error",
    "closed with 1000": "info",
  };
  for (const [msg, level] of Object.entries(expected)) {
    t.like(await gateway.logged((record) => record.msg === msg), { ...common, level }, msg);
  }
  t.like(await gateway.logged(({ msg }) => msg === "at load"), { policy: "talk", route: "", session: "" });
});

test("a policy that logs without end is cut off, told so, and holds nobody up", async (t) => {
  const { connect, gateway } = await startPolicies(t, {
    "chatter.ts": `export const client = ({ log, frame }) => {
      for (let i = 0; i < 50; i++) log.info("line", frame.sequence, i);
    };`,
  });
  const client = await connect();
  for (let n = 0; n < 200; n++) client.send(String(n));
  t.is((await client.take(200)).length, 200);
  await gateway.logged(
    ({ msg, level }) => level === "warn" && /more log lines of this policy were dropped/.test(msg),
  );
  t.true(gateway.log.filter(({ msg }) => /^line /.test(msg)).length < 1000);
});

const secrets = [
  "Bearer s3cret-token",
  "sid=s3cret-cookie",
  "s3cret-set-cookie",
  "s3cret-query",
  "s3cret-protocol",
];

test("credentials are in no log record, also when a policy throws or the server refuses", async (t) => {
  const { connect, gateway, server } = await startPolicies(
    t,
    {
      "fail.ts": `
        export const upgrade = ({ request, log }) => {
          log.info("headers", request.headers);
          if (request.path === "/throws") throw new Error("no");
          if (request.path === "/wrong") return { headers: { authorization: request.headers } };
          if (request.path === "/rejects") return { reject: { status: 401, headers: { "set-cookie": "a=s3cret-set-cookie" } } };
          return { headers: { authorization: request.headers.get("authorization") } };
        };
        export const client = ({ content, websock }) => {
          console.log(websock.context.request.headers, websock.context.attributes);
          if (content.body === "throw") throw new Error("no");
        };`,
    },
    { route: { onError: "drop" }, config: { connect: { allow: ["http://127.0.0.1:*"] } } },
  );
  server.wss.on("headers", (headers) => headers.push("Set-Cookie: a=s3cret-set-cookie"));
  const refusing = await startServer(t, () => {}, {
    verifyClient: (_info, answer) => answer(false, 401, "no", { "Set-Cookie": "a=s3cret-set-cookie" }),
  });
  await gateway.write(
    "refused.ts",
    `export const route = { path: "/refused", upstream: "${refusing.url}", policies: ["fail"] };`,
  );
  await gateway.logged(({ msg, policy }) => msg === "policy loaded" && policy === "refused");
  await gateway.gateway.reload();

  const headers = { authorization: "Bearer s3cret-token", cookie: "sid=s3cret-cookie" };
  const query = "?access_token=s3cret-query";
  const client = await connect(`/${query}`, { headers, protocols: ["chat", "s3cret-protocol"] });
  t.is(server.requests[0]?.headers.authorization, "Bearer s3cret-token");
  for (const text of ["throw", "end"]) client.send(text);
  t.is(await client.next(), "end");
  for (const [path, status] of Object.entries({ throws: 500, wrong: 500, rejects: 401, refused: 401 })) {
    t.is((await refusedUpgrade(`${gateway.url}/${path}${query}`, { headers })).status, status, path);
  }
  client.close();
  await gateway.logged(({ msg }) => msg === "session ended");
  const text = JSON.stringify(gateway.log);
  for (const secret of secrets) t.false(text.includes(secret), secret);
});

test("what the client is told of a fault is the status and an id; the log has the rest under that id", async (t) => {
  const { gateway, refused } = await start(t, {
    "fail.ts": `export const upgrade = () => {
      throw new Error("the database at 10.0.0.7 is down");
    };`,
  });
  const { status, body } = await refused();
  t.is(status, 500);
  const [, id] = /^500 Internal Server Error\nid: (\S+)\n$/.exec(body) ?? [];
  t.truthy(id, body);
  t.regex(String((await gateway.logged((record) => record.id === id)).detail), /the database at 10\.0\.0\.7/);
  const fault = await gateway.logged((record) => record.session === id);
  t.like(fault, { policy: "fail", hook: "upgrade", reason: "throw" });
  t.regex(String(fault.stack), /fail\.ts:2:/);
});
