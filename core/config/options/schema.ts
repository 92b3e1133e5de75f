import { z } from "zod";
import { alertsSchema } from "./alerts.ts";
import { grantsSchema, kvSchema, secretsSchema } from "./capabilities.ts";
import { clusterSchema } from "./cluster/cluster.ts";
import { consoleSchema } from "./console.ts";
import { drainSchema } from "./drain.ts";
import { listenerSchema } from "./listener.ts";
import { LOG_LEVELS } from "./log-level.ts";
import { mirrorOption } from "./mirror.ts";
import { originProfiles, originsOption } from "./origins.ts";
import { packsSchema } from "./packs.ts";
import { redactSchema } from "./redact.ts";
import { rolloutOption } from "./rollout.ts";
import { corsProfiles } from "./route/cors.ts";
import { trustedProxies } from "./route/header-rules.ts";
import { recordingOption } from "./route/observation.ts";
import { routeOptionsSchema } from "./route/route.ts";
import { upgradeRateOption } from "./route/upgrade-rate.ts";
import { sandboxSchema } from "./sandbox.ts";
import { choice, flag, section, text, whole } from "./schema-parts.ts";
import { sinksSchema } from "./sink/sinks.ts";
import { sourceSchema } from "./source.ts";
import { telemetrySchema } from "./telemetry.ts";
import { trafficSchema } from "./traffic.ts";
import { durationOrZero } from "./units.ts";
import { connectSchema, upstreamsSchema } from "./upstream/upstream-schema.ts";

export const configSchema = section(
  "ConfigInput",
  {
    $schema: z
      .string({ error: "a URL or path" })
      .optional()
      .describe("Where an editor finds the JSON Schema of this file. Ignored by the gateway."),
    listen: z
      .array(listenerSchema, { error: "a list of listeners such as [{ port: 8080 }]" })
      .min(1, { error: "at least one listener" })
      .prefault([{}])
      .describe("Where clients connect. Default: one listener on 127.0.0.1:8080."),
    console: z
      .union([z.literal(false, { error: "a listener or false" }), consoleSchema], {
        error: "a listener such as { port: 9090 }, or false for no console",
      })
      .prefault({})
      .describe("Where the console is served, or false for none. Default: 127.0.0.1:9090."),
    policies: text("the path of a folder")
      .prefault("./policies")
      .describe("Folder of the policies, relative to the config file; with a `source`, relative to that."),
    source: sourceSchema
      .optional()
      .describe(
        "Where policies come from by themselves, version after version. Default: the folder is this machine's.",
      ),
    packs: packsSchema.prefault({}).describe("Which packs of policies are believed."),
    workers: whole(0, 1024, "a whole number from 0 to 1024")
      .optional()
      .describe(
        "Worker processes; 0 runs the sessions inside this process, for embedding and tests. Default: the number of cores, and 1 with `framegate dev`.",
      ),
    workerSilence: durationOrZero("never")
      .prefault("10s")
      .describe(
        "A worker process that has not answered the supervisor for so long (it is stopped, or hangs) is killed and replaced, and its sessions end; 0: never.",
      ),
    maxConnections: whole(0, 10_000_000, "a whole number, 0 for as many as there can be")
      .prefault(0)
      .describe(
        "Most client connections, over all workers; further ones get 503. 0: as many as each worker process can have open by its limit on open files (ulimit -n), which also holds below any other number.",
      ),
    log: section(
      "LogInput",
      {
        level: choice(LOG_LEVELS).prefault("info").describe("The least severe level that is logged."),
      },
      'an object such as { level: "info" }',
    )
      .prefault({})
      .describe("What is logged."),
    drain: drainSchema.prefault({}).describe("How the open sessions are ended when the gateway stops."),
    recording: recordingOption
      .optional()
      .describe(
        "Whether upgrades, frames and closes are kept for the console, on listeners and routes that do not say it: true, false, or how much of them. Default: true for `framegate dev`, else false.",
      ),
    traffic: trafficSchema
      .prefault({})
      .describe("How much of what is recorded is kept, and where. Routes say what is recorded."),
    sinks: sinksSchema
      .prefault([])
      .describe("Where else what is recorded goes, after redaction: files and databases. Default: nowhere."),
    redact: redactSchema
      .prefault({})
      .describe("What is hidden in all that is recorded, shown, exported and logged."),
    watchConfig: flag()
      .optional()
      .describe(
        "Whether an edit of this file is taken at once, as after SIGHUP. Default: true for `framegate dev`, else false.",
      ),
    sandbox: sandboxSchema.prefault({}).describe("Limits of the policies and of the process that runs them."),
    grants: grantsSchema
      .prefault({})
      .describe(
        'What policies may do beyond reading and answering messages, by name, or by the beginning of names with a "*" behind it; the longest that fits counts. Default: nothing.',
      ),
    secrets: secretsSchema
      .prefault({})
      .describe("Values that policies may read when they are granted, by name. Default: none."),
    kv: kvSchema.prefault({}).describe("Where the values are kept that policies keep with `kv`."),
    cluster: clusterSchema
      .optional()
      .describe("Redis that makes several gateways a fleet. Default: none, this gateway is by itself."),
    alerts: alertsSchema
      .prefault([])
      .describe("Who is told of what goes wrong, and of what policies say. Default: nobody but the log."),
    telemetry: telemetrySchema.prefault({}).describe("What other systems are told of sessions."),
    trustedProxies: trustedProxies(),
    origins: originsOption
      .optional()
      .describe(
        'Origins whose pages may connect, on listeners and routes that do not say it, written as in `origins` of a route. Default: ["same"], and for `framegate dev` pages of this machine too.',
      ),
    originProfiles,
    upgradeRate: upgradeRateOption
      .prefault(false)
      .describe(
        "How many upgrades may come in a time, on routes that do not say it themselves; each of them counts by itself. False: no limit.",
      ),
    corsProfiles,
    mirror: mirrorOption()
      .prefault(false)
      .describe(
        "A second server that gets copies of messages, on routes that do not say it themselves; false: none.",
      ),
    rollout: rolloutOption()
      .prefault(false)
      .describe(
        "How new versions of policies come to sessions, on routes that do not say it themselves: step by step, with a way back; false: to all at once.",
      ),
    routes: z
      .array(routeOptionsSchema, { error: "a list of routes" })
      .prefault([])
      .describe(
        "The routes, most specific path first or not: the most specific wins. Policies may bring routes of their own. Default: none.",
      ),
    upstreams: upstreamsSchema
      .prefault({})
      .describe("Servers by name, for routes and for the `connect` of `upgrade` verdicts. Default: none."),
    connect: connectSchema
      .prefault({})
      .describe(
        "Where the `connect` of `upgrade` verdicts may lead, on routes that do not say it themselves.",
      ),
  },
  "an object with listen, policies, routes, …",
);

export type ParsedConfig = z.output<typeof configSchema>;
