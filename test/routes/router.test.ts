import test from "ava";
import fc from "fast-check";
import type { RouteMatch } from "../../core/config/index.ts";
import { createRouter, decodePath } from "../../core/routes/router.ts";

const patterns = [
  "/",
  "/a",
  "/a/",
  "/a/b",
  "/a/:x",
  "/:x/b",
  "/:x/:y",
  "/a/*",
  "/:x/*",
  "/*",
  "/a/:x/c",
  "/a/b/*",
];

/** What must be found, for each path, whatever the order of the routes. */
const expected: readonly [path: string, pattern: string, params: Record<string, string>][] = [
  ["/", "/", {}],
  ["/a", "/a", {}],
  ["/a/", "/a/", {}],
  ["/a/b", "/a/b", {}],
  ["/a/z", "/a/:x", { x: "z" }],
  ["/z/b", "/:x/b", { x: "z" }],
  ["/y/z", "/:x/:y", { x: "y", y: "z" }],
  ["/a/z/c", "/a/:x/c", { x: "z" }],
  ["/a/b/c", "/a/b/*", {}],
  ["/a/z/d", "/a/*", {}],
  ["/z/y/x", "/:x/*", { x: "z" }],
  ["/z", "/*", {}],
  ["/z/", "/:x/*", { x: "z" }],
  ["/A", "/*", {}],
];

test("property: the most specific route wins, whatever the order", (t) => {
  fc.assert(
    fc.property(fc.shuffledSubarray(patterns, { minLength: patterns.length }), (shuffled) => {
      const router = createRouter(shuffled.map((path) => ({ path })));
      for (const [path, pattern, params] of expected) {
        t.deepEqual(router.find(path), { route: { path: pattern }, params });
      }
    }),
  );
});

/** What must be found for host and `x-version`, of routes that share a path. */
const matched: readonly [host: string, version: string | undefined, name: string][] = [
  ["a.example.com", undefined, "exact"],
  ["A.example.com:8080", undefined, "exact"],
  ["a.example.com.", undefined, "exact"],
  ["a.example.com", "2", "exact 2"],
  ["a.example.com", "3", "exact"],
  ["b.example.com", "2", "wildcard"],
  ["x.deep.example.com", undefined, "long wildcard"],
  ["example.com", undefined, "any"],
  ["example.com", "2", "any 2"],
  ["anexample.com", undefined, "any"],
  ["", undefined, "any"],
];

const sharers: readonly { path: string; name: string; match: RouteMatch }[] = [
  { path: "/a", name: "any", match: { hosts: [], headers: {}, clients: [] } },
  { path: "/a", name: "any 2", match: { hosts: [], headers: { "x-version": "2" }, clients: [] } },
  {
    path: "/a",
    name: "wildcard",
    match: { hosts: ["*.example.com", "other.org"], headers: {}, clients: [] },
  },
  { path: "/a", name: "long wildcard", match: { hosts: ["*.deep.example.com"], headers: {}, clients: [] } },
  { path: "/a", name: "exact", match: { hosts: ["a.example.com"], headers: {}, clients: [] } },
  {
    path: "/a",
    name: "exact 2",
    match: { hosts: ["a.example.com"], headers: { "x-version": "2" }, clients: [] },
  },
  {
    path: "/*",
    name: "other path",
    match: { hosts: ["b.example.com"], headers: { "x-version": "2" }, clients: [] },
  },
];

test("property: of one path an exact host goes before a wildcard, that before none, then more headers", (t) => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...sharers], { minLength: sharers.length }), (shuffled) => {
      const router = createRouter(shuffled);
      for (const [host, version, name] of matched) {
        t.is(router.find("/a", { host, "x-version": version })?.route.name, name, `${host} ${version}`);
      }
    }),
  );
});

test("a path that is more specific but not for this host gives way", (t) => {
  const router = createRouter([
    { path: "/a/b", match: { hosts: ["a.example"], headers: {}, clients: [] } },
    { path: "/*", match: { hosts: [], headers: {}, clients: [] } },
  ]);
  t.is(router.find("/a/b", { host: "a.example" })?.route.path, "/a/b");
  t.is(router.find("/a/b", { host: "b.example" })?.route.path, "/*");
});

test("property: of one path, host and headers the smallest network of the client goes first, any client last", (t) => {
  const networks = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8:0:0:0:0:0:0/32"];
  const byNetwork = [
    ...networks.map((network) => ({ name: network, clients: [network] })),
    { name: "two", clients: ["172.16.0.0/12", "192.168.0.0/16"] },
    { name: "any", clients: [] },
  ].map(({ name, clients }) => ({ path: "/a", name, match: { hosts: [], headers: {}, clients } }));
  const found = {
    "10.1.2.3": "10.1.2.3/32",
    "10.1.2.4": "10.1.0.0/16",
    "10.2.0.0": "10.0.0.0/8",
    "::ffff:10.2.0.0": "10.0.0.0/8",
    "11.0.0.0": "any",
    "192.168.7.7": "two",
    "172.31.0.1": "two",
    "172.32.0.1": "any",
    "2001:db8::1": "2001:db8:0:0:0:0:0:0/32",
    "2001:db9::1": "any",
    "": "any",
  };
  fc.assert(
    fc.property(fc.shuffledSubarray(byNetwork, { minLength: byNetwork.length }), (shuffled) => {
      const router = createRouter(shuffled);
      for (const [client, name] of Object.entries(found))
        t.is(router.find("/a", {}, client)?.route.name, name, client);
    }),
  );
});

const find = (pattern: string, path: string) => createRouter([{ path: pattern }]).find(path);

test("parameters are whole segments, percent-decoded, and not empty", (t) => {
  t.deepEqual(find("/rooms/:id", "/rooms/a%20b%2Fc%E2%98%83")?.params, { id: "a b/c☃" });
  t.is(find("/rooms/:id", "/rooms/"), undefined);
  t.is(find("/rooms/:id", "/rooms"), undefined);
  t.is(find("/rooms/:id", "/rooms/a/b"), undefined);
});

test("a literal is compared decoded: no encoding goes round it", (t) => {
  t.truthy(find("/admin", "/%61dmin"));
  t.is(find("/a/b", "/a%2Fb"), undefined);
});

const guarded = createRouter(["/admin/*", "/rooms/:id", "/*"].map((path) => ({ path })));

for (const path of ["/admin%2Fx", "/admin;a/x", "/%2Fadmin/x", "/;/admin/x", "/rooms/a%2Fb"]) {
  test(`no way round a route's policies: ${path} is another route's to a loose server`, (t) => {
    t.is(guarded.find(path), undefined);
  });
}

test("what every reader takes to the same route passes", (t) => {
  for (const path of ["/x%2Fy", "/x;a/y", "/a;b"]) t.is(guarded.find(path)?.route.path, "/*");
  for (const path of ["/admin/x%2Fy", "/admin/x;y"]) t.is(guarded.find(path)?.route.path, "/admin/*");
  t.is(guarded.find("/rooms/a;b")?.route.path, "/rooms/:id");
});

test("`*` takes the rest, also an empty one, but not the segment itself away", (t) => {
  t.truthy(find("/a/*", "/a/b/c/d"));
  t.truthy(find("/a/*", "/a/"));
  t.is(find("/a/*", "/a"), undefined);
  t.truthy(find("/*", "/"));
});

test("nothing matches: undefined", (t) => {
  t.is(createRouter([]).find("/"), undefined);
  t.is(find("/a", "/b"), undefined);
});

const refused = [
  "",
  "a",
  "*",
  "http://host/a",
  "/.",
  "/..",
  "/a/../b",
  "/a/./b",
  "/%2e%2E/b",
  "/a/.%2e",
  "/x%2f..%2Fadmin",
  "/x%2F.",
  "/x/..;/admin",
  "/x/..;a=b/admin",
  "/x%2F..;%2Fadmin",
  "/.;",
  "/a\\..\\b",
  "/a%5c..%5cb",
  "/admin#",
  "/admin#/../x",
  "/admin%00",
  "//admin",
  "/a//b",
  "/%",
  "/%zz",
  "/%c3%28",
];

for (const path of refused) {
  test(`refused: ${JSON.stringify(path)}`, (t) => {
    t.is(decodePath(path), undefined);
    t.is(find("/*", path), undefined);
  });
}

test("a trailing slash and the case of letters count, but for the host", (t) => {
  const router = createRouter([
    { path: "/rooms" },
    { path: "/rooms/" },
    { path: "/live/*" },
    { path: "/hosted", match: { hosts: ["a.example"], headers: {}, clients: [] } },
  ]);
  const found = (path: string, host = ""): string | undefined => router.find(path, { host })?.route.path;
  t.is(found("/rooms"), "/rooms");
  t.is(found("/rooms/"), "/rooms/");
  for (const path of ["/Rooms", "/rooms/x", "/live", "/LIVE/x"]) t.is(found(path), undefined, path);
  t.is(found("/live/"), "/live/*");
  t.is(found("/hosted", "A.Example"), "/hosted");
});

test("dots within a name are fine", (t) => {
  t.deepEqual(decodePath("/a.b/..c/.d/..."), ["a.b", "..c", ".d", "..."]);
});

test("of a path that cannot be matched safely it concerns what some server might take for a route's, and no more", (t) => {
  const concerns = (route: string, path: string) => createRouter([{ path: route }]).concerns(path, {}, "");
  const theirs: readonly [route: string, path: string][] = [
    ["/chat", "//chat"],
    ["/chat", "/x/../chat"],
    ["/chat", "/x/..;y/chat;z"],
    ["/chat", "/.%2fchat"],
    ["/chat", "/x%2f..%5cchat"],
    ["/chat", "/\\chat"],
    ["/chat", "/chat#top"],
    ["/chat", "/chat%00.png"],
    ["/chat", "/chat/."],
    ["/chat", "/%zz/../ch%61t"],
    ["/chat", "http://host/chat"],
    ["/a/chat", "/a//../chat"],
    ["/chat", "/a//../chat"],
    ["/a;b", "/x/../a;b"],
    ["/chat/:room", "/chat/50%"],
    ["/files/*", "/files//a"],
    ["/files/*", "/files%2f%zz"],
    ["/:a", "/a\\b"],
    ["/*", "/50%"],
    ["/*", "/a/.."],
  ];
  for (const [route, path] of theirs) t.true(concerns(route, path), `${route} ${path}`);
  const others = [
    "/img/https://example.com/a.png",
    "/files//a.txt",
    "/50%",
    "/a\\b",
    "/chats/..",
    "*",
    "//chat/x",
  ];
  for (const path of [...others, "/%E0%A4%A", "http://chat/", "/../.."])
    t.false(concerns("/chat", path), path);
});
