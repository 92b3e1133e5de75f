import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { parse } from "yaml";
import { makeFolder } from "../config/folder.ts";
import { namesIn, readDocument, root, rowsOf, sectionOf } from "../docs/documents.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { hasDeployPackages } from "../support/kubernetes.ts";
import { has } from "../support/needs.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { complaintsOf } from "./dashboard-schema.ts";

const run = promisify(execFile);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly fieldConfig: { readonly defaults: { readonly unit: string; readonly thresholds: object } };
  readonly targets: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

test("every metric of dashboard and alerts is in the /metrics of a gateway that has seen traffic", async (t) => {
  const served = await servedNames(t);
  const used = [...new Set((await allExpressions()).flatMap(metricsIn))];
  t.true(used.length > 20);
  t.deepEqual(
    used.filter((name) => name !== "up" && !served.has(name)),
    [],
  );
});

test("their expressions use the labels that the metrics have", async (t) => {
  const rows = rowsOf(sectionOf(await readDocument("docs/operations.md"), "Metrics"));
  const labelsOf = new Map(
    rows.map(([name = "", , labels = ""]) => [unquote(name), unquote(labels).split(", ")]),
  );
  for (const expression of await allExpressions()) {
    const metrics = metricsIn(expression);
    // `job` and `instance` are Prometheus' own.
    const known = metrics.flatMap((name) => labelsOf.get(familyOf(name)) ?? []);
    const grouped = [...expression.matchAll(/\b(?:by|on|without|ignoring) ?\(([^)]*)\)/g)].flatMap(
      ([, list = ""]) => list.split(",").map((label) => label.trim()),
    );
    for (const label of grouped)
      t.true([...known, "job", "instance", "le"].includes(label), `${label} in ${expression}`);
    for (const [, name = "", selectors = ""] of expression.matchAll(/\b(framegate_\w+|up)\{([^}]*)\}/g)) {
      for (const [, label = ""] of selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
        const own = [...(labelsOf.get(familyOf(name)) ?? []), "job", "instance"];
        t.true(own.includes(label), `${label} of ${name} in ${expression}`);
      }
    }
  }
});

test("every metric that is documented is on the dashboard or in an alert", async (t) => {
  const used = new Set((await allExpressions()).flatMap(metricsIn).map(familyOf));
  const documented = namesIn(sectionOf(await readDocument("docs/operations.md"), "Metrics"));
  t.deepEqual(
    documented.filter((name) => !used.has(name)),
    [],
  );
});

test("Prometheus takes the rules and each expression of the dashboard, and alerts come when they should", async (t) => {
  if (!has(t, "promtool")) return;
  const promtool = (...args: readonly string[]) => t.notThrowsAsync(run("promtool", args));
  await promtool("check", "rules", "--lint-fatal", `${root}deploy/alerts.yaml`);
  await promtool("test", "rules", `${root}test/deploy/alerts.test.yaml`);
  // What Grafana puts in place of its variables.
  const expressions = (await allExpressions()).map((expression) =>
    expression.replaceAll("$__rate_interval", "1m").replace(/^label_values\((.*), \w+\)$/, "$1"),
  );
  const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }));
  const dir = await makeFolder(t, { "panels.json": JSON.stringify({ groups: [{ name: "panels", rules }] }) });
  await promtool("check", "rules", "--lint=none", `${dir}/panels.json`);
});

test("every alert has a severity, a summary and a runbook", async (t) => {
  const rules = await readRules();
  t.is(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, expr, labels, annotations, for: wait } of rules) {
    t.regex(alert, /^Framegate[A-Z]\w+$/);
    t.true(isBalanced(expr), alert);
    t.regex(wait ?? "1m", /^\d+[smh]$/, alert);
    t.true(["warning", "critical"].includes(labels.severity), alert);
    t.true(annotations.summary.length > 10, alert);
    t.true(annotations.runbook.length > 60, alert);
    // What a summary speaks of must be left after the aggregation.
    for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
      const isKept = label === "instance" || new RegExp(`by \\([^)]*\\b${label}\\b`).test(expr);
      t.true(isKept, `${alert}: ${label}`);
    }
  }
});

test("the dashboard is one by Grafana's own types, which refuse what they do not know", async (t) => {
  if (!hasDeployPackages(t)) return;
  const dashboard = await readDashboard();
  const [graph, number] = ["timeseries", "stat"].map((type) =>
    dashboard.panels.findIndex((panel) => panel.type === type),
  );
  const wrong: Readonly<Record<string, readonly [path: string, value: unknown]>> = {
    field: ["colour", "red"],
    variable: ["templating.list.1.refresh", 7],
    annotation: ["annotations.list.0.icon", "blue"],
    kind: [`panels.${graph}.type`, "graph"],
    place: [`panels.${graph}.gridPos.width`, 8],
    source: [`panels.${graph}.targets.0.datasource.name`, "prometheus"],
    option: [`panels.${graph}.options.legend.displayMode`, "tables"],
    custom: [`panels.${graph}.fieldConfig.defaults.custom.lineWeight`, 1],
    stacking: [`panels.${graph}.fieldConfig.defaults.custom.stacking.mode`, "stacked"],
    threshold: [`panels.${number}.fieldConfig.defaults.thresholds.steps.0.value`, "80"],
    "foreign-option": [`panels.${number}.options.legend`, {}],
  };
  const variants = Object.entries(wrong).map(([name, [path, value]]) => [
    name,
    withValue(dashboard, path, value),
  ]);
  const complaints = await complaintsOf(t, { dashboard, ...Object.fromEntries(variants) });
  t.is(complaints.get("dashboard"), undefined);
  t.deepEqual([...complaints.keys()].sort(), Object.keys(wrong).sort());
});

test("every panel has a description, a unit, thresholds and the variables, and lies on its own", async (t) => {
  const { panels, templating } = await readDashboard();
  t.deepEqual(
    templating.list.map(({ name }) => name),
    ["datasource", "instance", "route", "policy"],
  );
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  const graphs = panels.filter(({ type }) => type !== "row");
  t.true(graphs.length > 20);
  for (const { title, description, fieldConfig, datasource, targets } of graphs) {
    t.true(description.length > 10, title);
    t.truthy(fieldConfig.defaults.unit, title);
    t.truthy(fieldConfig.defaults.thresholds, title);
    t.is(datasource.uid, "$" + "{datasource}", title);
    for (const { expr } of targets) {
      t.true(isBalanced(expr), expr);
      t.regex(expr, /instance=~"\$instance"/);
    }
  }
  for (const [index, a] of panels.entries()) {
    t.true(a.gridPos.x + a.gridPos.w <= 24, a.title);
    for (const b of panels.slice(index + 1)) t.false(overlap(a.gridPos, b.gridPos), `${a.title}, ${b.title}`);
  }
});

/** All names that have a value, and those of families that have none yet. */
async function servedNames(t: ExecutionContext): Promise<ReadonlySet<string>> {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies: { "look.ts": "export const client = () => ({ held: [1] });" },
    routes: [{ path: "/", upstream: server.url, policies: ["look"] }],
    config: { console: { port: 0, token: false }, workers: 1 },
  });
  const client = await connectClient(t, gateway.url);
  client.send("hello");
  await client.next();
  const { host, port } = gateway.gateway.addresses.console!;
  const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
  const families = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = ""]) => name);
  const samples = [...text.matchAll(/^(\w+)[ {]/gm)].map(([, name = ""]) => name);
  return new Set([...families, ...samples]);
}

async function allExpressions(): Promise<readonly string[]> {
  const { panels, templating, annotations } = await readDashboard();
  return [
    ...(await readRules()).map(({ expr }) => expr),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...templating.list.flatMap(({ definition }) => definition ?? []),
    ...annotations.list.map(({ expr }) => expr),
  ];
}

async function readRules(): Promise<readonly Rule[]> {
  const { groups } = parse(await readFile(`${root}deploy/alerts.yaml`, "utf8")) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readFile(`${root}deploy/grafana-dashboard.json`, "utf8")) as Dashboard;
}

/** The same with another value there. */
function withValue(dashboard: Dashboard, path: string, value: unknown): unknown {
  const copy = structuredClone(dashboard);
  const keys = path.split(".");
  // biome-ignore lint/suspicious/noExplicitAny: whatever is wrong may stand anywhere
  const parent = keys.slice(0, -1).reduce((part: any, key) => part[key], copy);
  parent[keys.at(-1)!] = value;
  return copy;
}

function metricsIn(expression: string): string[] {
  return expression.match(/\bframegate_\w+|\bup(?=\{)/g) ?? [];
}

function familyOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, "");
}

function isBalanced(expression: string): boolean {
  const count = (pattern: RegExp) => expression.match(pattern)?.length ?? 0;
  return count(/\(/g) === count(/\)/g) && count(/\{/g) === count(/\}/g) && count(/\[/g) === count(/\]/g);
}

function overlap(a: Panel["gridPos"], b: Panel["gridPos"]): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function unquote(text: string): string {
  return text.replaceAll("`", "");
}
