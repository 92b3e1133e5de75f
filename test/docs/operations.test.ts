import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import type { Command } from "commander";
import type { CliErrorCode } from "../../cli/errors.ts";
import { buildProgram } from "../../cli/program.ts";
import type { AcmeErrorCode } from "../../core/acme/errors.ts";
import type { ConfigErrorCode } from "../../core/config/index.ts";
import type { DescriptionErrorCode } from "../../core/description/errors.ts";
import { createEventLog } from "../../core/event-log.ts";
import type { GatewayEvent } from "../../core/events.ts";
import type { GatewayErrorCode } from "../../core/index.ts";
import { createLogger } from "../../core/log.ts";
import { createEngineMetrics } from "../../core/metrics/engine-metrics.ts";
import { createGatewayMetrics } from "../../core/metrics/gateway-metrics.ts";
import type { RecordingErrorCode } from "../../core/recording/errors.ts";
import { REFUSAL_STATUS } from "../../core/request/refusal.ts";
import { RouteMeters } from "../../core/session/meters/route-meters.ts";
import { END_CAUSES } from "../../core/session-end.ts";
import type { ShadowReport } from "../../core/shadow/shadow-report.ts";
import type { SourceErrorCode } from "../../core/source/errors.ts";
import type { PoliciesErrorCode } from "../../policies/error.ts";
import { BatchCounts, HookCounts } from "../../sandbox/client/policy/counts/call-counts.ts";
import type { SandboxStats } from "../../sandbox/contract/stats.ts";
import type { SandboxErrorCode } from "../../sandbox/errors.ts";
import { readRights } from "../support/redis-kv.ts";
import { namesIn, readDocument, root, rowsOf, sectionOf } from "./documents.ts";
import { oneOfEachEvent } from "./events.ts";

const commands = buildProgram().commands.flatMap((command) => [
  { name: command.name(), command },
  ...command.commands.map((part) => ({ name: `${command.name()} ${part.name()}`, command: part })),
]);

for (const { name, command } of commands) {
  test(`docs/operations.md has every option of framegate ${name}, in its words`, async (t) => {
    const section = sectionOf(await readDocument("docs/operations.md"), `framegate ${name}`);
    t.deepEqual(rowsOf(section), optionsOf(command));
  });
}

test("docs/operations.md has every command", async (t) => {
  const section = sectionOf(await readDocument("docs/operations.md"), "Command line");
  t.deepEqual(
    [...section.matchAll(/^### framegate (.*)$/gm)].map(([, name]) => name),
    commands.map(({ name }) => name),
  );
});

test("docs/operations.md has every metric with its type, labels and help, and a question that it answers", async (t) => {
  const rows = rowsOf(sectionOf(await readDocument("docs/operations.md"), "Metrics"));
  t.deepEqual(sorted(rows.map((row) => row.slice(0, 4))), sorted(await renderedMetrics()));
  for (const [name, , , , question] of rows) t.regex(question ?? "", /^[A-Z].*\?$/, name);
});

test("docs/operations.md has the log line of every event with its level and fields", async (t) => {
  const rows = rowsOf(sectionOf(await readDocument("docs/operations.md"), "Log"));
  for (const { level, msg, fields } of await loggedLines()) {
    const [, shownLevel, shownFields] = rows.find(([name]) => name === msg) ?? [];
    t.regex(String(shownLevel), new RegExp(`^(as the policy says|.*\\b${level})$`), msg);
    t.deepEqual(String(shownFields).split(", ").sort(), fields.map(quote).sort(), msg);
  }
});

test("docs/operations.md has every cause of a session's end", async (t) => {
  const rows = rowsOf(sectionOf(await readDocument("docs/operations.md"), "Log"));
  const shown = new Set(rows.map(([name]) => name));
  t.deepEqual(
    END_CAUSES.filter((cause) => !shown.has(quote(cause))),
    [],
  );
});

test("docs/operations.md has every refusal code with its status", async (t) => {
  const rows = rowsOf(sectionOf(await readDocument("docs/operations.md"), "Refused connections"));
  t.deepEqual(rows.map(([code]) => code).sort(), Object.keys(REFUSAL_STATUS).map(quote).sort());
  for (const [code = "", status = ""] of rows) {
    const expected = String(REFUSAL_STATUS[code.replaceAll("`", "") as keyof typeof REFUSAL_STATUS]);
    // The policy's status always, and the server's most of the time, stands in for the table's.
    if (code === "`ERR_REJECTED`") t.regex(status, /the policy's own/);
    else if (code === "`ERR_UPSTREAM_REFUSED`") t.regex(status, new RegExp(`the server's own; ${expected}`));
    else t.regex(status, new RegExp(`^${expected}\\b`), code);
  }
});

test("docs/operations.md has every other error code", async (t) => {
  const codes = {
    ERR_CONFIG_INVALID: true,
    ERR_CONFIG_NOT_FOUND: true,
    ERR_CONFIG_AMBIGUOUS: true,
    ERR_CONFIG_UNREADABLE: true,
    ERR_LISTEN: true,
    ERR_TLS: true,
    ERR_START: true,
    ERR_SOURCE_FETCH: true,
    ERR_SOURCE_FORMAT: true,
    ERR_SOURCE_SIGNATURE: true,
    ERR_SOURCE_LOCK: true,
    ERR_SOURCE_CHECK: true,
    ERR_SOURCE_PROBE: true,
    ERR_SOURCE_STORE: true,
    ERR_POLICY_BUNDLE: true,
    ERR_POLICY_EXPORTS: true,
    ERR_POLICY_FOLDER: true,
    ERR_POLICY_OPTIONS: true,
    ERR_POLICY_WATCH: true,
    ERR_POLICY_TYPES: true,
    ERR_POLICY_LOAD: true,
    ERR_HOST_START: true,
    ERR_SANDBOX_CLOSED: true,
    ERR_CLI_USAGE: true,
    ERR_CLI_PATH: true,
    ERR_CLI_PROBLEMS: true,
    ERR_CLI_CONSENT: true,
    ERR_CLI_EMPTY: true,
    ERR_CLI_UNANSWERED: true,
    ERR_CLI_GATEWAY: true,
    ERR_OS_SANDBOX: true,
    ERR_PACK_FETCH: true,
    ERR_PACK_ARCHIVE: true,
    ERR_PACK_FORMAT: true,
    ERR_PACK_TAMPERED: true,
    ERR_PACK_SIGNATURE: true,
    ERR_PACK_API: true,
    ERR_PACK_LOCK: true,
    ERR_PACK_VERSION: true,
    ERR_PACK_WRITE: true,
    ERR_PACK_CAPABILITY: true,
    ERR_DESCRIPTION_PARSER: true,
    ERR_DESCRIPTION_FORMAT: true,
    ERR_DESCRIPTION_CHANNEL: true,
    ERR_DESCRIPTION_UNCHECKED: true,
    ERR_ACME_UNREACHABLE: true,
    ERR_ACME_REFUSED: true,
    ERR_ACME_UNFINISHED: true,
    ERR_RECORDING_FORMAT: true,
    ERR_RECORDING_VERSION: true,
    ERR_RECORDING_SIZE: true,
  } satisfies Record<
    | AcmeErrorCode
    | ConfigErrorCode
    | DescriptionErrorCode
    | GatewayErrorCode
    | PoliciesErrorCode
    | RecordingErrorCode
    | SandboxErrorCode
    | SourceErrorCode
    | CliErrorCode,
    true
  >;
  const section = sectionOf(await readDocument("docs/operations.md"), "Other errors");
  t.deepEqual(namesIn(section), Object.keys(codes).sort());
});

function optionsOf(command: Command): string[][] {
  return command.options.map(({ flags, description }) => [quote(flags), description]);
}

const noRecords = { records: 0, bytes: 0, oldestTime: 0, newestSeq: 0, dropped: 0, problem: "" };

/** Rows as the document has them, of registries that have counted one of everything. */
test("docs/fleet.md names the rights that a gateway needs of Redis, and no others", async (t) => {
  const files = globSync("{core,sandbox}/**/*.ts", { cwd: root });
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  // What scripts do is done with the rights of whoever runs them.
  const called = texts.flatMap((text) =>
    [...text.matchAll(/redis\.p?call\("(\w+)"|\brun\(\["([A-Z]+)"/g)].map(
      ([, script, command]) => script ?? command,
    ),
  );
  const ofLink = ["ping", "eval", "evalsha", "publish", "subscribe", "unsubscribe", "role", "asking"];
  const needed = new Set([...called.map((name) => name?.toLowerCase()), ...ofLink, "cluster|slots"]);
  const [rights] = await readRights("");
  const named = [...rights.matchAll(/ \+(\S+)/g)].map(([, name]) => name);
  t.deepEqual(named.toSorted(), [...needed].toSorted());
});

async function renderedMetrics(): Promise<string[][]> {
  const none = { client: 0, server: 0 };
  const worker = createEngineMetrics(
    () => ({
      traffic: () => [{ route: "/", sessions: 1, messages: none, bytes: none, bufferedBytes: none }],
      upstreamHealth: () => [{ upstream: "a", target: "ws://a/", isHealthy: true }],
      pinnedVersions: () => new Map([["a", 1]]),
      shadowReport: () => [shadow],
      rateCounts: () => [{ route: "/", origin: "client", action: "drop", count: 1 }],
      heldClients: () => 1,
      mirrorCounts: () => [{ route: "/", origin: "client", sent: 1, lost: 1 }],
      meterReadings: () => {
        const meters = new RouteMeters();
        meters.of("/");
        return meters.read();
      },
      latencies: () => [],
      sandboxStats: () => sandboxStats,
    }),
    "worker",
  );
  for (const event of oneOfEachEvent) worker.observe(event);
  const supervisor = createGatewayMetrics();
  supervisor.countReload("a", "loaded");
  supervisor.countRollout("a", { what: "begun", share: 0.05 });
  supervisor.countSource("taken");
  supervisor.countWorkerRestart();
  supervisor.setClusterConnected("framegate", true);
  supervisor.countSinkLost("files", "full", 1);
  const { text } = await supervisor.render([await worker.collect()], {
    ...{
      traffic: noRecords,
      rates: { forgotten: 0, alone: { local: 0 } },
      caps: { lent: 0, over: 0 },
      source: undefined,
    },
    sinks: [{ sink: "files", queuedBytes: 0, problem: "" }],
    certificates: [{ name: "example.org", startsAt: 0, endsAt: 0 }],
  });

  return [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)\n((?:\w.*\n?)*)/gm)].map(
    ([, name = "", help = "", type = "", samples = ""]) => {
      const labels = [...samples.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
      const own = [...new Set(labels)].filter((label) => label !== "le").sort();
      return [quote(name), type, own.map(quote).join(", "), help];
    },
  );
}

const shadow = {
  ...{ name: "a (shadow: next)", policy: "a", from: "next", version: "2", samples: [] },
  hooks: [{ hook: "client", same: 1, differs: 1, failed: 1, lost: 1, kinds: [["message", 1]] }],
} satisfies ShadowReport;

const sandboxStats: SandboxStats = {
  policies: [
    {
      ...{ policy: "a", breaker: "closed", heapBytes: 1, hooks: [] },
      routes: [{ route: "/", hooks: [countsOfHolding().read("client")] }],
    },
  ],
  batches: new BatchCounts().read(),
  host: { rssBytes: 1, cpuUs: 1 },
};

function countsOfHolding(): HookCounts {
  const counts = new HookCounts();
  counts.add({ kind: "message", drop: false, reply: [], append: [], held: [1] });
  return counts;
}

/** What each event leaves in the log, under the name that the document has for lines whose text varies. */
async function loggedLines(): Promise<{ level: string; msg: string; fields: string[] }[]> {
  const varying: Partial<Record<GatewayEvent["type"], string>> = {
    "policy-fault": "the fault, in a sentence",
    "policy-log": "what a policy logs",
  };
  return oneOfEachEvent.map((event) => {
    let line = "";
    const write = (text: string): void => {
      line = text;
    };
    createEventLog(createLogger({ level: "debug", destination: { write } }))(event);
    const { level, time, msg, ...fields } = JSON.parse(line);
    return { level, msg: varying[event.type] ?? quote(msg), fields: Object.keys(fields) };
  });
}

function sorted(rows: readonly string[][]): string[][] {
  return [...rows].sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}

function quote(text: string): string {
  return `\`${text}\``;
}
