import test from "ava";
import { parseRedisUrl } from "../../../sandbox/redis/place.ts";

const [a, b] = [
  { host: "a", port: 6379 },
  { host: "b", port: 7000 },
];

const places = {
  "redis://a": { kind: "single", servers: [a], tls: false, database: 0 },
  "redis://a/": { kind: "single", servers: [a], tls: false, database: 0 },
  "rediss://user:p%40%2F:s@b:7000/2": {
    ...{ kind: "single", servers: [b], tls: true, database: 2 },
    ...{ user: "user", password: "p@/:s" },
  },
  "redis://:secret@[::1]:7000": {
    ...{ kind: "single", servers: [{ host: "::1", port: 7000 }], tls: false },
    ...{ database: 0, password: "secret" },
  },
  "unix:///run/my%20redis.sock?db=3": {
    ...{ kind: "single", servers: [{ path: "/run/my redis.sock" }], tls: false, database: 3 },
  },
  "unix://user@/run/redis.sock": {
    ...{ kind: "single", servers: [{ path: "/run/redis.sock" }], tls: false, database: 0, user: "user" },
  },
  "redis+sentinel://a:6379,b:7000/main/1": {
    ...{ kind: "sentinel", servers: [a, b], tls: false, primary: "main", database: 1 },
  },
  "rediss+sentinel://c/my-main": {
    ...{
      kind: "sentinel",
      servers: [{ host: "c", port: 26_379 }],
      tls: true,
      primary: "my-main",
      database: 0,
    },
  },
  "rediss+cluster://user:pw@a,b:7000": {
    ...{ kind: "cluster", servers: [a, b], tls: true, database: 0, user: "user", password: "pw" },
  },
};

for (const [url, place] of Object.entries(places)) {
  test(`${url} is a place`, (t) => {
    t.deepEqual(parseRedisUrl(url), place as ReturnType<typeof parseRedisUrl>);
  });
}

const others = [
  ...[
    "",
    "a",
    "http://a",
    "redis:a",
    "redis://",
    "redis:///1",
    "redis://a,b",
    "redis://a/x",
    "redis://a/1/2",
  ],
  ...[
    "redis://a:0",
    "redis://a:70000",
    "redis://a?db=1",
    "redis://a b",
    "redis://%zz@a",
    "redis://::1",
    "unix:///",
  ],
  ...["unix://run/redis.sock", "redis+sentinel://a", "redis+sentinel://a/", "redis+sentinel://a/main/x"],
  ...["redis+cluster://a/1", "redis+cluster://a,", "redis+other://a"],
];

test("what is no place", (t) => {
  t.deepEqual(
    others.filter((url) => parseRedisUrl(url) !== undefined),
    [],
  );
});
