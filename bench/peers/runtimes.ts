import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, NPM_HINT } from "./installed.ts";
import type { Peer } from "./peer.ts";
import { findFreePort, startProgram } from "./program.ts";

const isArm = process.arch === "arm64";
const relayFile = (name: string) => fileURLToPath(new URL(`relays/${name}`, import.meta.url));
const RUNTIME = { isUsual: false, rewrites: true, reloads: false };

export const findBun = () => findProgram("bun", `@oven/bun-linux-${isArm ? "aarch64" : "x64"}/bin/bun`);
const findDeno = () => findProgram("deno", `@deno/linux-${isArm ? "arm64" : "x64"}-glibc/deno`);
const findWorkerd = () =>
  findProgram("workerd", `@cloudflare/workerd-linux-${isArm ? "arm64" : "64"}/bin/workerd`);

/** The policy as one writes it for other runtimes: in the process of the relay, without a sandbox. */
export const bun: Peer = {
  ...RUNTIME,
  id: "bun",
  title: "bun with the policy, no sandbox",
  isUsual: true,
  missing: () => (findBun() === undefined ? NPM_HINT : undefined),
  async start(upstream) {
    const port = await findFreePort();
    const args = ["run", relayFile("bun.js"), String(port), String(upstream.port)];
    return startProgram({ command: findBun() ?? "bun", args, port });
  },
};

export const deno: Peer = {
  ...RUNTIME,
  id: "deno",
  title: "deno with the policy, no sandbox",
  missing: () => (findDeno() === undefined ? NPM_HINT : undefined),
  async start(upstream) {
    const port = await findFreePort();
    const options = ["--no-config", "--no-lock", "--allow-net"];
    const args = ["run", ...options, relayFile("deno.js"), String(port), String(upstream.port)];
    return startProgram({ command: findDeno() ?? "deno", args, port });
  },
};

/** Isolates, in the one process of the relay. */
export const workerd: Peer = {
  ...RUNTIME,
  id: "workerd",
  title: "workerd with the policy",
  missing: () => (findWorkerd() === undefined ? NPM_HINT : undefined),
  async start(upstream) {
    const folder = await mkdtemp(join(tmpdir(), "framegate-bench-workerd-"));
    const port = await findFreePort();
    await copyFile(relayFile("workerd.js"), join(folder, "workerd.js"));
    await writeFile(
      join(folder, "relay.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "relay", worker = .relay),
    (name = "machine", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "relay")],
);
const relay :Workerd.Worker = (
  modules = [(name = "workerd.js", esModule = embed "workerd.js")],
  compatibilityDate = "2025-01-01",
  bindings = [(name = "UPSTREAM", text = "http://127.0.0.1:${upstream.port}")],
  globalOutbound = "machine",
);
`,
    );
    return startProgram({
      command: findWorkerd() ?? "workerd",
      args: ["serve", join(folder, "relay.capnp")],
      port,
      cleanUp: () => rm(folder, { recursive: true }),
    });
  },
};
