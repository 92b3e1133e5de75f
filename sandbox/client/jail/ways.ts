import { FILTER_FD } from "../../host-descriptors.ts";
import { JOURNAL_BYTES } from "../../wire/journal.ts";

/** Node and what it runs. */
export interface HostCommand {
  readonly node: string;
  readonly args: readonly string[];
  /** Files and folders that it has to read, beside Node itself. */
  readonly reads: readonly string[];
}

/** What is to be spawned instead. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** Only root can become somebody else. */
  readonly identity?: { readonly uid: number; readonly gid: number };
  /** To be written to `FILTER_FD`. */
  readonly filter?: Buffer;
}

/** How the system can wall a process in. */
export interface JailWay {
  readonly kind: "bubblewrap" | "setpriv";
  /** @param asNobody as a user who owns nothing; only root can */
  launch(command: HostCommand, asNobody: boolean): Launch;
}

/** Programs that were found, each by its path. */
export interface JailTools {
  readonly bwrap?: string;
  readonly setpriv?: string;
  readonly prlimit?: string;
  /** Of Node, and of prlimit: what they must find in an empty file system. */
  readonly libraries: readonly string[];
  /** Which system calls may be made. */
  readonly filter?: Buffer;
}

/** The user and the group that own nothing. */
const NOBODY = 65534;

/** From the best to the least. */
export function jailWays(tools: JailTools, isRoot: boolean): JailWay[] {
  const { bwrap, setpriv } = tools;
  return [
    ...(bwrap === undefined ? [] : [inNamespaces(bwrap, tools)]),
    ...(setpriv === undefined ? [] : [withoutPrivileges(setpriv, tools, isRoot)]),
  ];
}

/** Nothing is there but what is named here, and no other process, no network, no privilege. */
function inNamespaces(bwrap: string, { prlimit, libraries, filter }: JailTools): JailWay {
  const namespaces = [
    ...["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"],
    "--unshare-cgroup-try",
    ...["--uid", String(NOBODY), "--gid", String(NOBODY), "--hostname", "sandbox"],
    ...["--cap-drop", "ALL", "--die-with-parent"],
    ...(filter === undefined ? [] : ["--seccomp", String(FILTER_FD)]),
  ];
  return {
    kind: "bubblewrap",
    launch({ node, args, reads }, asNobody) {
      const limits = prlimit === undefined ? [] : [prlimit, ...LIMITS, `--nproc=${MAX_THREADS}`, "--"];
      const needed = [node, ...(prlimit === undefined ? [] : [prlimit]), ...libraries, ...reads];
      const files = needed.flatMap((path) => ["--ro-bind", path, path]);
      return {
        file: SHELL,
        args: [
          ...["-c", DEAF, bwrap, ...namespaces, ...files],
          // No /proc: an open file has no path to load it by. No /dev, no /etc, and nothing to write to.
          ...["--remount-ro", "/", "--chdir", "/", "--", ...limits, node, ...args],
        ],
        ...(asNobody && { identity: { uid: NOBODY, gid: NOBODY } }),
        ...(filter && { filter }),
      };
    },
  };
}

/** The process stays in the midst of all others, and has no privilege and gains none. */
function withoutPrivileges(setpriv: string, { prlimit }: JailTools, isRoot: boolean): JailWay {
  const identity = ["--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups"];
  const capabilities = isRoot ? ["--bounding-set=-all", "--inh-caps=-all"] : [];
  const limits = prlimit === undefined ? [] : [prlimit, ...LIMITS, "--"];
  return {
    kind: "setpriv",
    launch: ({ node, args }, asNobody) => ({
      file: setpriv,
      args: [
        ...["--no-new-privs", ...capabilities, ...(asNobody ? identity : []), "--"],
        ...[...limits, node, ...args],
      ],
    }),
  };
}

const SHELL = "/bin/sh";
/**
 * A service manager sends SIGTERM to all processes of a service: a host ignores it, since the gateway says when it ends,
 * and bubblewrap in front of it, which would take it along, does when it is started so.
 */
const DEAF = `trap "" INT TERM HUP; exec "$0" "$@"`;
/** Of a namespace's only user. Elsewhere processes count by user, whoever started them, and there is no such limit. */
const MAX_THREADS = 512;
/** The journal is all that a host writes to. */
const LIMITS = ["--core=0", `--fsize=${JOURNAL_BYTES}`, "--nofile=256"];
