import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { readSbom } from "../scripts/audit/sbom.ts";

/** Licences that what runs in production may have: they ask for no more than to be named. */
const ALLOWED = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT OR Apache-2.0",
];

interface LockedPackage {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** npm leaves it out where it is the configured one. */
const REGISTRY = "https://registry.npmjs.org/";

const root = fileURLToPath(new URL("..", import.meta.url));
const lock = JSON.parse(await readFile(`${root}package-lock.json`, "utf8")) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
const production = packages.filter(([, { dev }]) => dev !== true);
const nameOf = (path: string) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

test("each package is fixed to the byte, and comes from the registry", (t) => {
  t.true(packages.length > 100);
  const loose = packages.filter(
    ([, { integrity, resolved }]) =>
      !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "") || !(resolved ?? REGISTRY).startsWith(REGISTRY),
  );
  t.deepEqual(
    loose.map(([path]) => path),
    [],
  );
});

test("what runs in production has licences that may be in it", (t) => {
  const others = production.filter(([, { license }]) => !ALLOWED.includes(license ?? ""));
  t.deepEqual(
    others.map(([path, { license }]) => `${path}: ${license}`),
    [],
  );
});

test("`npm run sbom` names all that runs in production, by digest and licence, and what needs what", async (t) => {
  t.timeout(90_000);
  const { stdout } = await promisify(execFile)("npm", ["run", "-s", "sbom"], {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  const sbom = readSbom(stdout);
  const named = sbom.components.map(({ name, version }) => `${name}@${version}`);
  const expected = production.map(([path, { version }]) => `${nameOf(path)}@${version}`);
  for (const { name, licenses } of sbom.components) t.true(licenses.length > 0, name);
  t.deepEqual([...new Set(named)].sort(), [...new Set(expected)].sort());
  const refs = new Set([
    sbom.metadata.component["bom-ref"],
    ...sbom.components.map((each) => each["bom-ref"]),
  ]);
  for (const { ref, dependsOn = [] } of sbom.dependencies)
    for (const each of [ref, ...dependsOn]) t.true(refs.has(each), each);
});
