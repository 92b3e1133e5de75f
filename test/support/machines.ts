import { spawnSync } from "node:child_process";
import type { ExecutionContext } from "ava";
import { type Running, startProcess } from "../cli/process.ts";

/** A network namespace with one address, on a switch with the others. */
export interface Machine {
  readonly address: string;
  /** Run a program there. */
  start(command: string, args: readonly string[], cwd?: string): Running;
  /** SIGKILL to all that runs there. */
  kill(): void;
  /** Its cable is pulled: nobody is told. */
  cut(): void;
  heal(): void;
}

let networks = 0;

/** Machines of these names on a network of their own, which leads nowhere else; gone with the test. Needs root. */
export function makeMachines<Name extends string>(
  t: ExecutionContext,
  names: readonly Name[],
): Readonly<Record<Name, Machine>> {
  const prefix = `fg${process.pid.toString(36)}${(networks++).toString(36)}`;
  const hub = `${prefix}-hub`;
  const namespaces: string[] = [];
  t.teardown(() => {
    for (const namespace of namespaces) {
      killAll(namespace);
      ip("netns", "del", namespace);
    }
  });
  addNamespace(hub);
  run(hub, "ip", "link", "add", "br0", "type", "bridge");
  run(hub, "ip", "link", "set", "br0", "up");
  const machines = names.map((name, index) => [name, makeMachine(name, `10.99.0.${index + 2}`)] as const);
  return Object.fromEntries(machines) as Record<Name, Machine>;

  function addNamespace(namespace: string): void {
    ip("netns", "add", namespace);
    namespaces.push(namespace);
    run(namespace, "ip", "link", "set", "lo", "up");
  }

  function makeMachine(name: string, address: string): Machine {
    const namespace = `${prefix}-${name}`;
    addNamespace(namespace);
    ip(
      ...["link", "add", "eth0", "netns", namespace, "type", "veth"],
      ...["peer", "name", `to-${name}`, "netns", hub],
    );
    run(hub, "ip", "link", "set", `to-${name}`, "master", "br0");
    run(hub, "ip", "link", "set", `to-${name}`, "up");
    run(namespace, "ip", "addr", "add", `${address}/24`, "dev", "eth0");
    run(namespace, "ip", "link", "set", "eth0", "up");
    return {
      address,
      start: (command, args, cwd) =>
        startProcess(t, "ip", ["netns", "exec", namespace, command, ...args], cwd),
      kill: () => killAll(namespace),
      cut: () => run(hub, "ip", "link", "set", `to-${name}`, "down"),
      heal: () => run(hub, "ip", "link", "set", `to-${name}`, "up"),
    };
  }
}

function killAll(namespace: string): void {
  for (const pid of ip("netns", "pids", namespace).split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function run(namespace: string, ...command: readonly string[]): void {
  ip("netns", "exec", namespace, ...command);
}

function ip(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
  return stdout;
}
