// Writes a seccomp profile that lets the sandbox's walls be built in a container: the one that the machine's container
// engine has as its default, and beside it what `bwrap` calls to make namespaces.
//
//   node seccomp.mjs /usr/share/containers/seccomp.json > framegate-seccomp.json
import { readFileSync } from "node:fs";

const NAMESPACES = ["clone", "clone3", "unshare", "setns", "mount", "umount2", "pivot_root", "sethostname"];

const [file = "/usr/share/containers/seccomp.json"] = process.argv.slice(2);
const profile = JSON.parse(readFileSync(file, "utf8"));
// The first entry that fits counts in some engines, so that others must not name them any more.
const others = profile.syscalls
  .map((entry) => ({ ...entry, names: entry.names.filter((name) => !NAMESPACES.includes(name)) }))
  .filter(({ names }) => names.length > 0);
const allowed = { names: NAMESPACES, action: "SCMP_ACT_ALLOW" };
process.stdout.write(`${JSON.stringify({ ...profile, syscalls: [allowed, ...others] }, undefined, 2)}\n`);
