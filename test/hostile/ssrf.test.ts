import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { gzipSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { createFetcher, type FetchGrant } from "../../sandbox/index.ts";
import { fetchGrant } from "../sandbox/broker/capabilities.ts";

async function serve(t: ExecutionContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function fetching(t: ExecutionContext, grant: Partial<FetchGrant>, lookup?: LookupFunction) {
  const fetcher = createFetcher(lookup && { lookup });
  t.teardown(() => fetcher.close());
  return (url: string, headers: readonly (readonly [string, string])[] = []) =>
    fetcher.fetch({
      policy: "p",
      grant: { ...fetchGrant, hosts: ["*:*"], private: false, ...grant },
      wire: { url, method: "GET", headers, redirect: "follow" },
      body: undefined,
      signal: new AbortController().signal,
    });
}

/** Gives one list of addresses after the other. */
function lookupOf(...answers: readonly (readonly string[])[]): LookupFunction {
  let count = 0;
  return (_, options, done) => {
    const addresses = answers[Math.min(count++, answers.length - 1)] as readonly string[];
    const all = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    if (options.all) done(null, all);
    else done(null, all[0]!.address, all[0]!.family);
  };
}

const refused = { message: /has an address of a private network or of this machine: add private: true/ };

test("address literals of this machine are refused in every spelling", async (t) => {
  const fetch = fetching(t, {});
  const hosts = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
  ];
  for (const host of [...hosts, "[::ffff:7f00:1]", "169.254.169.254", "[fe80::1]"]) {
    await t.throwsAsync(fetch(`http://${host}:1/`), refused, host);
  }
});

test("a name that points to this machine is refused when it is dialled, also when another address is good", async (t) => {
  let requests = 0;
  const port = await serve(t, (_, response) => {
    requests++;
    response.end();
  });
  await t.throwsAsync(fetching(t, {})(`http://localhost:${port}/`), refused);
  await t.throwsAsync(
    fetching(t, {}, lookupOf(["10.0.0.1", "127.0.0.1"]))(`http://a.example:${port}/`),
    refused,
  );
  t.is(requests, 0);
});

test("a name is looked up once a connection: what was checked is what is dialled", async (t) => {
  let requests = 0;
  const port = await serve(t, (_, response) => {
    requests++;
    response.end();
  });
  // The second answer would pass, if there were two look-ups.
  const lookup = lookupOf(["127.0.0.1"], ["8.8.8.8"]);
  await t.throwsAsync(fetching(t, {}, lookup)(`http://rebind.example:${port}/`), refused);
  t.is(requests, 0);
});

test("a connection that another grant has opened is not used for one that may not", async (t) => {
  const port = await serve(t, (_, response) => response.end("inside"));
  const fetcher = createFetcher();
  t.teardown(() => fetcher.close());
  const ask = (isPrivate: boolean) =>
    fetcher.fetch({
      policy: "p",
      grant: { ...fetchGrant, private: isPrivate },
      wire: { url: `http://localhost:${port}/`, method: "GET", headers: [], redirect: "follow" },
      body: undefined,
      signal: new AbortController().signal,
    });
  t.is(Buffer.from((await ask(true)).binary ?? []).toString(), "inside");
  await t.throwsAsync(ask(false), refused);
});

test("a redirect is held against the grant as the first URL was", async (t) => {
  let target = "";
  const port = await serve(t, (_, response) => response.writeHead(307, { location: target }).end());
  const fetch = fetching(t, { hosts: [`127.0.0.1:${port}`], private: true });
  for (target of ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "//evil.example/"]) {
    await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`), { message: /is not granted/ }, target);
  }
  target = "file:///etc/passwd";
  await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`), {
    message: /expected an absolute http or https URL/,
  });
  target = "http://user:pass@127.0.0.1/";
  await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`), { message: /must not hold a user name/ });
});

test("a small answer that unpacks to a large one is cut off", async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const port = await serve(t, (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  );
  const fetch = fetching(t, { private: true });
  await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`), { message: /more than the 65536 bytes/ });
});

test("an answer without end is cut off", async (t) => {
  const port = await serve(t, (_, response) => {
    const write = () => {
      while (response.write(Buffer.alloc(16_384)));
    };
    response.on("drain", write);
    write();
  });
  const fetch = fetching(t, { private: true });
  await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`), { message: /more than the 65536 bytes/ });
});

test("headers cannot be smuggled in, and those of the connection are the gateway's", async (t) => {
  const seen: string[][] = [];
  const port = await serve(t, (request, response) => {
    seen.push(request.rawHeaders);
    response.end();
  });
  const fetch = fetching(t, { private: true });
  const url = `http://127.0.0.1:${port}/`;
  for (const [name, value] of [
    ["x-a", "1\r\nx-b: 2"],
    ["x-a\r\nx-b", "1"],
    ["x-a", "é\u0100"],
    ["x a", "1"],
  ] as const) {
    await t.throwsAsync(fetch(url, [[name, value]]), { message: /a header has a name or value/ });
  }
  await fetch(url, [
    ["Host", "evil.example"],
    ["Transfer-Encoding", "chunked"],
    ["Connection", "upgrade"],
    ["x-fine", "1"],
  ]);
  const names = seen[0]!.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  t.is(seen.length, 1);
  t.deepEqual(names.sort(), ["accept-encoding", "connection", "host", "x-fine"]);
  t.true(seen[0]!.includes(`127.0.0.1:${port}`));
});
