import assert from "node:assert/strict";
import { posix } from "node:path";
import { resolveTarget } from "../../../../core/net/target.ts";
import { createRouter, decodePath } from "../../../../core/routes/router.ts";
import { wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const ROUTES = ["/", "/*", "/admin", "/admin/*", "/chat/:room", "/chat/:room/log", "/a/b/c"].map((path) => ({
  path,
}));
const router = createRouter(ROUTES);

const paths = wordsOf(
  ...[
    "/",
    "/",
    "/",
    "admin",
    "chat",
    "a",
    "b",
    "c",
    "..",
    ".",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "\\",
    ";",
    ";x=1",
  ],
  ...["%00", "%", "%zz", "%c0%ae", "%25", "%252e", "#", "?", "//", "__proto__", "\u00e9", "%e2%82%ac"],
).map((text) => (text.length % 2 === 0 ? `/${text}` : `/chat/${text}`));

/** What a server could take the path for that decodes, merges and resolves all that there is. */
function readAsServer(path: string): string {
  let decoded = path;
  for (let i = 0; i < 3; i++) {
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break;
    }
  }
  return posix.normalize(decoded.replaceAll("\\", "/").replace(/;[^/]*/g, ""));
}

/** Paths: one that is found is within its route for a server that reads it loosely, too. */
export const requestPath = defineTarget<string>({
  name: "paths",
  inputs: paths,
  seeds: ["/chat/%2e%2e/admin", "/chat/..;/admin", "/x//admin", "/chat%2f..%2fadmin", "/__proto__", "/%ff"],
  runs: 1500,
  check(url) {
    const path = url.split("?", 1)[0] ?? "";
    const segments = decodePath(path);
    const found = router.find(path);
    if (segments === undefined) {
      assert.equal(found, undefined);
      return "refused";
    }
    for (const segment of segments) assert.ok(segment !== "." && segment !== ".." && !segment.includes("\0"));
    if (found === undefined) return "no route";
    for (const value of Object.values(found.params)) assert.notEqual(value, "");
    assert.equal(resolveTarget("http://127.0.0.1:9", url)?.path.startsWith("/"), true);
    // Encoded twice is for a server to decode twice: not ours to know.
    if (!path.includes("%25") && found.route.path.startsWith("/chat"))
      assert.match(readAsServer(path), /^\/chat\//, "a server may see another path");
    return `found ${found.route.path}`;
  },
});
