import { readFileSync } from "node:fs";
import { findInnermost } from "../../sandbox/client/process/process-tree.ts";
import type { SandboxEvent } from "../../sandbox/contract.ts";
import { createSandbox, DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "../../sandbox/index.ts";

/** A sandbox as a worker has it, whose faults end the command. */
export function openSandbox() {
  return createSandbox({
    // On a machine that is not quiet a call may wait.
    limits: { ...DEFAULT_POLICY_LIMITS, messageTimeoutMs: 2000 },
    host: DEFAULT_HOST_LIMITS,
    warmSpare: false,
    onEvent: (event: SandboxEvent) => {
      if (event.type === "fault") throw new Error(event.fault.message);
    },
  });
}

const REQUEST = { method: "GET", url: "/", path: "/", params: {}, query: {}, queryAll: {}, headers: [] };
const CLIENT = { address: "127.0.0.1", port: 4000, tls: false, certificate: null };

/** Of a connection, as hooks get it. */
export const connectionContext = JSON.stringify({
  request: REQUEST,
  client: CLIENT,
  route: { path: "/" },
  attributes: { user: "ada" },
  subprotocol: "",
  server: { url: "ws://127.0.0.1:9000/" },
});

const JSON_TYPE = { text: "application/json", binary: "application/json" };
export const CONTENT_TYPES = { client: JSON_TYPE, server: JSON_TYPE };

/** User and system time of the host of a sandbox in which a policy has been loaded, from the kernel, in steps of 10 ms. */
export function hostCpuMicros(): number {
  const fields = readFileSync(`/proc/${findHost()}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** It may be beneath what walls it in. */
function findHost(): number {
  return findInnermost(
    Number(readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").at(-1)),
  );
}
