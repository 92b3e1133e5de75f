import type { JailTools, JailWay } from "./ways.ts";

export interface JailFindings {
  readonly platform: string;
  /** The way that works; undefined: none. */
  readonly kind?: JailWay["kind"];
  readonly tools?: JailTools;
  /** What bubblewrap said when it did not work. */
  readonly failure?: string;
}

/** What hosts are not protected by, why, and the next step, in whole sentences; undefined: nothing is missing. */
export function shortfallOf({ platform, kind, tools, failure }: JailFindings): string | undefined {
  if (platform !== "linux")
    return `the operating system does not wall sandbox hosts in: that takes Linux, and this is ${platform}.`;
  if (kind === "bubblewrap") {
    if (tools?.filter === undefined)
      return "sandbox hosts may make any system call: there is no filter for this processor, only for x64 and arm64.";
    if (tools.prlimit !== undefined) return undefined;
    return "sandbox hosts have no limits on files and threads: prlimit was not found. Install it (Debian: apt install util-linux).";
  }
  const what =
    kind === "setpriv"
      ? "the operating system takes privileges from sandbox hosts, and does not wall them in"
      : "the operating system does not wall sandbox hosts in";
  if (tools?.bwrap === undefined)
    return `${what}: bubblewrap was not found. Install it (Debian: apt install bubblewrap).`;
  if (tools.libraries.length === 0)
    return `${what}: bubblewrap needs to know Node's libraries, and its loader does not tell them. Run Node as nodejs.org or your system has it.`;
  return `${what}: bubblewrap does not work here (${failure ?? "it said nothing"}). ${NEXT_STEP}`;
}

const NEXT_STEP =
  "Allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone or kernel.apparmor_restrict_unprivileged_userns; in a container its seccomp profile), see docs/operations.md.";
