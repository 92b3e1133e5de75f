import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { readHouse } from "../scripts/house/house.ts";
import type { ImportStatement } from "../scripts/house/imports.ts";
import { measure } from "../scripts/house/measure.ts";
import { PARTS } from "../scripts/house/rules.ts";

/** From the lowest to the highest: a folder imports from itself and from those before it. */
const layers = ["sandbox", "policies", "runtime", "core", "testing", "cli"];

/** The same inside of core. */
const floors = [
  "core/version.ts",
  "core/net",
  "core/redaction",
  "core/wire",
  "core/leases",
  "core/errors.ts",
  "core/config",
  "core/session-end.ts",
  "core/events.ts",
  "core/log-output.ts",
  "core/terminal",
  "core/log.ts",
  "core/event-log.ts",
  "core/file-watch.ts",
  "core/synced-file.ts",
  "core/secrets.ts",
  "core/fleet/store.ts",
  "core/acme",
  "core/listen",
  "core/upstream",
  "core/routes",
  "core/request",
  "core/http",
  "core/upgrade",
  "core/mirror",
  "core/session",
  "core/chain",
  "core/traffic",
  "core/breakpoints",
  "core/recording",
  "core/verdicts",
  "core/replay",
  "core/trial",
  "core/description",
  "core/shadow",
  "core/explain",
  "core/telemetry",
  "core/alerts",
  "core/sinks",
  "core/metrics",
  "core/steering",
  "core/engine",
  "core/workers",
  "core/rollout",
  "core/source",
  "core/fleet",
  "core/admin",
  "core/gateway",
  "core/gateway.ts",
  "core/attach",
  "core/index.ts",
];

const house = readHouse(fileURLToPath(new URL("..", import.meta.url)), PARTS);
const measured = measure(house);
const isIn = (path: string, ...folders: readonly string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
const floorOf = (path: string) => floors.findIndex((floor) => isIn(path, floor));
const sources = house.filter(({ path }) => isIn(path, ...layers) && path.endsWith(".ts"));
const files = sources.map(({ path }) => path);
const imports = sources.flatMap((file) => file.imports);
const ours = imports.filter(({ isOurs }) => isOurs);

const show = ({ file, target }: ImportStatement) => `${file} imports ${target}`;
const importersOf = (name: string) => [
  ...new Set(
    imports.filter(({ target }) => target === name || target.startsWith(`${name}/`)).map(({ file }) => file),
  ),
];

test("the parser sees what is there", (t) => {
  t.true(files.length > 100);
  for (const file of [
    "core/gateway.ts",
    "policies/reload/reloader.ts",
    "sandbox/client/sandbox.ts",
    "cli/program.ts",
  ]) {
    t.true(
      imports.some((statement) => statement.file === file),
      file,
    );
  }
  for (const { target } of ours)
    t.true(files.includes(target), `${target} is imported and is no source file`);
});

test("imports point one way: cli ─▶ core ─▶ policies ─▶ sandbox ─▶ nothing of ours", (t) => {
  const layerOf = (path: string) => layers.indexOf(path.split("/")[0]!);
  const wrong = ours.filter(({ file, target }) => layerOf(target) === -1 || layerOf(target) > layerOf(file));
  t.deepEqual(wrong.map(show), []);
});

test("nothing that runs in production imports `framegate/testing`", (t) => {
  const wrong = ours.filter(({ file, target }) => isIn(target, "testing") && !isIn(file, "testing"));
  t.deepEqual(wrong.map(show), []);
});

const dataPath = ["net", "request", "upgrade", "http", "upstream", "session", "wire"].map(
  (name) => `core/${name}`,
);

test("the data path does not know who observes it", (t) => {
  const wrong = ours.filter(
    ({ file, target }) =>
      isIn(file, ...dataPath) && isIn(target, "core/metrics", "core/traffic", "core/admin", "core/workers"),
  );
  t.deepEqual(wrong.map(show), []);
});

test("wire is pure: it imports itself, and of Node only what computes", (t) => {
  const wrong = imports.filter(
    ({ file, target }) =>
      isIn(file, "core/wire") &&
      !isIn(target, "core/wire") &&
      !["node:buffer", "node:crypto", "node:zlib"].includes(target),
  );
  t.deepEqual(wrong.map(show), []);
});

test("the contracts import nothing, but for types of each other's, and of what authors see", (t) => {
  const named = ["sandbox/contract.ts", "sandbox/contract", "sandbox/policy-api.ts"];
  for (const name of named) t.true(files.some((file) => isIn(file, name)));
  const wrong = imports.filter(
    ({ file, target, isType }) => isIn(file, ...named) && !(isType && isIn(target, ...named)),
  );
  t.deepEqual(wrong.map(show), []);
});

test("guest code is another country: it imports itself, and of the wire, and for names, what imports nothing else", (t) => {
  const reached = new Set(files.filter((file) => isIn(file, "sandbox/guest")));
  for (const file of reached) {
    for (const { target } of imports.filter((statement) => statement.file === file)) reached.add(target);
  }
  t.true(reached.has("sandbox/wire/shared-memory.ts"));
  t.deepEqual(
    [...reached].filter((target) => !isIn(target, "sandbox/guest", "sandbox/wire", "sandbox/suggestion.ts")),
    [],
  );
});

test("what runs in the sandbox host does not import what runs in the worker, nor the other way round", (t) => {
  // A worker that holds isolates itself is handed the host's code when the first of them comes, and no sooner.
  const isEmbedding = ({ file, target, isType, isLazy }: ImportStatement) =>
    file === "sandbox/client/transport/embedded-host.ts" &&
    ((isLazy && target === "sandbox/host/embedded-service.ts") ||
      (isType && target === "sandbox/host/service.ts"));
  t.true(ours.some(isEmbedding));
  const wrong = ours.filter(
    (statement) =>
      (isIn(statement.file, "sandbox/host") && isIn(statement.target, "sandbox/client", "sandbox/guest")) ||
      (isIn(statement.file, "sandbox/client") &&
        isIn(statement.target, "sandbox/host", "sandbox/guest") &&
        !isEmbedding(statement)),
  );
  t.deepEqual(wrong.map(show), []);
});

/** Who may ask for the time of day, and what for. What lasts, or ends by then, goes by a clock that cannot be set. */
const askTheDay: Readonly<Record<string, string>> = {
  // Stamps that people, peers and policies are shown.
  "cli/admin/fleet.ts": "how long a machine, and a version of a policy there, has run",
  "cli/admin/rollouts.ts": "how long a step of a rollout has lasted",
  "cli/admin/sessions.ts": "how long sessions have been open",
  "cli/admin/steer-sessions.ts": "how long ago something was begun",
  "cli/trial/flags.ts": "the time of a message that nobody has sent",
  "cli/source/push.ts": "when a version is signed and pushed",
  "cli/recording/record.ts": "the name of a recording, and since when it is wanted",
  "core/acme/certificate-renewals.ts": "the life of a certificate",
  "core/admin/admin.ts": "when the gateway started",
  "core/admin/api/problems/problems-api.ts": "how long certificates hold",
  "core/traffic/switches/recording-switches.ts": "since when recording is switched",
  "core/admin/api/last-faults.ts": "when the last fault was",
  "core/admin/api/recording/recording-api.ts": "when a recording was made",
  "core/admin/api/traffic/traffic-api.ts": "the name of a HAR file",
  "core/admin/api/trials/trials-api.ts": "the time of a message that nobody has sent",
  "core/admin/sockets/pulse-meter.ts": "the time of a pulse",
  "core/admin/sockets/test-client.ts": "the time of a message",
  "core/breakpoints/breakpoint-book.ts": "when a breakpoint was set, and is removed",
  "core/engine/session-book.ts": "when a session started",
  "core/gateway/fleet-seat.ts": "when this node started",
  "core/fleet/membership.ts": "how far this machine's clock is from that of Redis",
  "core/recording/answer-log.ts": "when a policy was told something",
  "core/log.ts": "the time of a line",
  "core/request/exchange.ts": "when a request came",
  "core/request/request-hook.ts": "the time that a hook is told",
  "core/rollout/rollouts.ts": "when a step of a rollout began",
  "core/session/relay/pump-inlet.ts": "the time of a message",
  "core/session/relay/pump.ts": "the time of a message that a policy sends unprompted",
  "core/session/session-seats.ts": "the time that a hook is told",
  "core/alerts/repeats.ts": "the time of an alert",
  "core/alerts/webhook.ts": "when a message is sent",
  "core/session/times/renewals.ts": "the time that a hook is told",
  "core/shadow/shadow-place.ts": "when a shadow said otherwise",
  "core/trial/trial-broker.ts": "what expires of a store that begins empty",
  "core/source/source.ts": "when a version was fetched and activated, and the source last seen",
  "core/sinks/files/file-sink.ts": "how old files are, and what they are called",
  "core/sinks/otlp/metric-push.ts": "when numbers were read",
  "core/steering/drain-schedule.ts": "when a drain begins",
  "core/steering/steering-jobs.ts": "when a job began",
  "core/telemetry/session-spans.ts": "the start of a span, and the times in it",
  "core/traffic/engine-recorder.ts": "the time of a record",
  "policies/reload/reloader.ts": "since when there is a problem",
  "policies/reload/tracked-policy.ts": "when a version was loaded, and since when there is a problem",
  "sandbox/machine-clock.ts": "what a time of the machine's clock is for people",
  "runtime/running-policy.ts": "the time of messages, which no gateway tells",
  "testing/clock.ts": "the time of who has no stopped clock",
  "testing/load-policy.ts": "the start of a test's time",
  // Compared with another time of day.
  "core/session/hold/held-session.ts": "the times that verdicts have said",
  "core/session/times/timed-hooks.ts": "the times that verdicts have said",
  "core/traffic/store/memory-store.ts": "the age of records",
  "core/traffic/store/sqlite-store.ts": "the age of records, which outlive the process",
  "core/source/drivers/folder.ts": "the times of files",
  "policies/reload/compilation.ts": "the times of files",
  // There is no other in an isolate.
  "policies/standard/lib/jwks.ts": "the age of keys",
  "policies/standard/lib/keys.ts": "the expiry of a key",
  "policies/standard/oauth-introspect.ts": "the expiry of a token, and the age of an answer",
  "sandbox/guest/clock.ts": "how far an entry has come, bounded",
};

test("only what is about the time of day asks for it: it can be set", (t) => {
  const asks = /\bDate\.now\b|\bnew Date\(\)/;
  const root = new URL("..", import.meta.url);
  const code = (file: string) =>
    readFileSync(new URL(file, root), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, "");
  t.deepEqual(
    files.filter((file) => asks.test(code(file))),
    Object.keys(askTheDay).toSorted(),
  );
});

test("a worker loads what it runs, and not what checks configs or makes bundles", (t) => {
  const reached = new Set(["core/workers/worker-process.ts"]);
  for (const file of reached)
    for (const { target, isType, isLazy } of imports.filter((statement) => statement.file === file))
      if (!isType && !isLazy) reached.add(target);
  const packages = [...reached].filter((name) => !name.startsWith("node:") && !files.includes(name));
  t.deepEqual(packages.sort(), ["ws"]);
  t.deepEqual(
    [...reached].filter((name) => isIn(name, "core/config", "policies/pack", "policies/bundle")),
    [],
  );
});

test("a dangerous or replaceable package has one importer", (t) => {
  t.deepEqual(importersOf("isolated-vm"), ["sandbox/host/isolated-vm.ts"]);
  t.deepEqual(importersOf("chokidar"), ["policies/reload/watcher.ts"]);
  t.deepEqual(importersOf("pino"), ["core/log.ts"]);
  t.deepEqual(importersOf("node:sqlite"), ["core/traffic/store/sqlite-file.ts"]);
  const homes = [...new Set(importersOf("esbuild").map(dirname))];
  const parts = homes.map((folder) => folder.split("/")[0]);
  t.deepEqual(parts, [...new Set(parts)], homes.join(", "));
});

test("a package belongs to a folder", (t) => {
  const homes: Readonly<Record<string, readonly string[]>> = {
    "prom-client": ["core/metrics"],
    // At the borders: what a person writes, what a program hands a runtime, what the admin API takes and gives, and what an authority answers.
    zod: [
      "core/acme",
      "core/config",
      "core/admin",
      "core/traffic",
      "core/recording",
      "core/replay",
      "core/explain",
      "core/fleet",
      "policies/pack",
      "runtime",
    ],
    yaml: ["core/config", "cli/description"],
  };
  for (const [name, folders] of Object.entries(homes)) {
    const importers = importersOf(name);
    t.true(importers.length > 0, name);
    t.deepEqual(
      importers.filter((file) => !isIn(file, ...folders)),
      [],
      name,
    );
  }
});

test("every file of core stands on a floor, and every floor is there", (t) => {
  const ofCore = files.filter((file) => isIn(file, "core"));
  t.deepEqual(
    ofCore.filter((file) => floorOf(file) === -1),
    [],
  );
  t.deepEqual(
    floors.filter((floor) => !ofCore.some((file) => isIn(file, floor))),
    [],
  );
});

test("inside of core, too, imports point one way", (t) => {
  const up = ours.filter(
    ({ file, target }) => isIn(file, "core") && isIn(target, "core") && floorOf(target) > floorOf(file),
  );
  t.deepEqual(up.map(show), []);
});

test("no file imports itself, by whatever way round, nor do types", (t) => {
  t.deepEqual(
    measured.circles.map(({ way }) => way.join(" ─▶ ")),
    [],
  );
});

test("an exported name means one thing", (t) => {
  t.deepEqual(measured.doubleNames, []);
});

test("nothing takes more than four positional parameters", (t) => {
  t.deepEqual(measured.longCalls, []);
});

test("no folder is so full that it hides what it is made of", (t) => {
  t.deepEqual([...measured.crowded], []);
});

test("constants that are written down are UPPER_CASE, all others camelCase", (t) => {
  t.deepEqual(measured.misnamed, []);
});
