import test from "ava";
import { startStandard } from "./support.ts";

test("route-by: a header, a parameter or an attribute chooses the server", async (t) => {
  const { connect, problemOf } = await startStandard("route-by");
  const routes = { v1: "first", v2: "ws://127.0.0.1:9/two" };
  const ask = (options: object, request: object) => connect(options, request).upgrade();

  t.like(await ask({ by: "headers.X-Version", routes }, { headers: [["x-version", "v1"]] }), {
    connect: "first",
  });
  t.like(await ask({ by: "query.v", routes }, { url: "/?v=v2" }), { connect: "ws://127.0.0.1:9/two" });
  t.like(await ask({ by: "params.v", routes }, { params: { v: "v1" } }), { connect: "first" });
  t.like(await ask({ by: "attributes.claims.v", routes }, { attributes: { claims: { v: "v1" } } }), {
    connect: "first",
  });
  for (const url of ["/", "/?v=v3", "/?v=toString", "/?v=__proto__"]) {
    t.like(await ask({ by: "query.v", routes }, { url }), { reject: { status: 404 } }, url);
    t.like(await ask({ by: "query.v", routes, otherwise: "rest" }, { url }), { connect: "rest" }, url);
  }
  t.not(problemOf({ by: "query.v" }), "none");
  t.regex(problemOf({ by: "body.v", routes }), /option `by`/);
});

test("route-by: weights share connections, and keep those of one value together", async (t) => {
  const { connect, problemOf } = await startStandard("route-by");
  const weights = { stable: 9, next: 1 };
  const counts: Record<string, number> = {};
  for (let i = 0; i < 100; i++) {
    const options = { weights, by: "attributes.user" };
    const request = { attributes: { user: `user-${i}` } };
    const [first, second] = await Promise.all([1, 2].map(() => connect(options, request).upgrade()));
    t.deepEqual(first, second);
    const { connect: server } = first as { connect: string };
    counts[server] = (counts[server] ?? 0) + 1;
  }
  t.true(counts.next! > 0 && counts.next! < 40, JSON.stringify(counts));
  const { connect: server } = (await connect({ weights: { only: 1 } }).upgrade()) as { connect: string };
  t.is(server, "only");
  t.regex(problemOf({ weights: { a: 0 } }), /option `weights\.a`: expected > 0, got 0/);
});

test("headers: templates are filled in, and what cannot be is removed", async (t) => {
  const { connect, problemOf } = await startStandard("headers");
  const request = {
    "X-User": "{attributes.user}",
    "X-Origin": "room {params.room} of {client.address}, {headers.host}",
    "X-Missing": "{attributes.nobody}",
    Cookie: null,
  };
  const connection = connect(
    { request, response: { "X-Id": "{id}" } },
    { attributes: { user: "ada" }, params: { room: "7" }, headers: [["Host", "a.example"]] },
  );
  t.like(await connection.upgrade(), {
    headers: {
      "x-user": ["ada"],
      "x-origin": ["room 7 of 127.0.0.1, a.example"],
      "x-missing": null,
      cookie: null,
    },
    responseHeaders: { "x-id": [connection.id] },
  });
  const split = connect(
    { request: { "X-User": "{attributes.user}" } },
    { attributes: { user: "a\r\nx-admin: 1" } },
  );
  t.like(await split.upgrade(), { headers: { "x-user": null } });
  t.not(problemOf({ request: { "x y": "1" } }), "none");
  t.not(problemOf({ request: { a: "b\nc" } }), "none");
});
