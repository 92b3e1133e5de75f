import { isAbsolute, posix, resolve } from "node:path";
import { z } from "zod";
import { OCI_TEXT, type OciReference, parseOciReference } from "../../net/oci-reference.ts";
import type { ConfigProblem } from "../errors.ts";
import { choice, flag, reportOption, section, text, whole } from "./schema-parts.ts";
import { secretText } from "./secret-source.ts";
import { limitedDuration } from "./units.ts";

/** Where versions of policies come from. Plain JSON, without any secret's value. */
export interface SourceConfig {
  readonly from: SourceOrigin;
  /** Folder in it that counts; "": all of it. */
  readonly path: string;
  readonly require: "signed" | "none";
  /** `sha256:…` */
  readonly lock?: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly user?: string;
  /** The name of one of `secrets`. */
  readonly token?: string;
  /** The same. */
  readonly hook?: string;
  readonly plainHttp: boolean;
  /** Whether a version may say routes, and what they go by. */
  readonly config: boolean;
  /** Absolute. */
  readonly dir: string;
  readonly keep: number;
}

export type SourceOrigin =
  /** Absolute. */
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "http"; readonly url: string }
  | { readonly kind: "git"; readonly url: string; readonly ref: string }
  | { readonly kind: "oci"; readonly reference: OciReference };

/** Of what runs, below the folder of versions. */
export const ACTIVE_LINK = "active";

const KINDS = ["folder", "http", "git", "oci"] as const;
const URL_TEXT =
  'an http or https URL without a user, such as "https://releases.example.com/policies.tar.gz"';
const GIT_TEXT =
  'the URL of a repository without a password, such as "https://git.example.com/team/policies.git"';
const REF_TEXT = 'a branch, a tag or a commit, such as "main"';
const PATH_TEXT = 'a folder in it, such as "gateways/eu"';
const LOCK_TEXT = '"sha256:" and 64 hexadecimal digits';

export const sourceSchema = section(
  "SourceInput",
  {
    folder: text("the path of a folder")
      .optional()
      .describe("Folder that has them, such as a mounted volume, relative to the config file."),
    http: secretText(
      z
        .url({ protocol: /^https?$/, error: URL_TEXT })
        .refine((url) => new URL(url).username === "" && new URL(url).password === "", { error: URL_TEXT }),
      "http://127.0.0.1",
    )
      .optional()
      .describe("URL of a .tar.gz that has them."),
    git: text(GIT_TEXT)
      .refine(isRepository, { error: GIT_TEXT })
      .optional()
      .describe("URL of a git repository that has them: https, ssh or file, or user@host:path."),
    ref: text(REF_TEXT)
      .regex(/^\w[\w./+-]*$/, { error: REF_TEXT })
      .optional()
      .describe("Branch, tag or commit of the repository. Default: its HEAD."),
    oci: text(OCI_TEXT)
      .refine((name) => parseOciReference(name) !== undefined, { error: OCI_TEXT })
      .optional()
      .describe(
        "Artifact in an OCI registry that has them, as `framegate push` puts it there: by a tag, or by its digest.",
      ),
    path: text(PATH_TEXT)
      .refine(isInside, { error: PATH_TEXT })
      .optional()
      .describe("Folder in it that counts. Default: all of it."),
    require: choice(["signed", "none"])
      .prefault("none")
      .describe("What a version must be to be taken: signed by one of `packs.keys`, or nothing."),
    lock: text(LOCK_TEXT)
      .regex(/^sha256:[0-9a-f]{64}$/, { error: LOCK_TEXT })
      .optional()
      .describe("Digest of the only version that is taken. Default: any."),
    every: limitedDuration()
      .prefault("30s")
      .describe("How often it is looked at, a fifth more or less; after failures less often, up to 10m."),
    timeout: limitedDuration().prefault("30s").describe("Longest time that a look may take."),
    user: text("a name")
      .optional()
      .describe("User that `token` is the password of. Default: the token stands for itself (Bearer)."),
    token: text("the name of one of `secrets`")
      .optional()
      .describe("Name of the one of `secrets` by which the source knows who asks. Default: none."),
    hook: text("the name of one of `secrets`")
      .optional()
      .describe(
        "Name of the one of `secrets` that `POST /hooks/source` of the console must know, to have the source looked at at once. Default: there is no such hook.",
      ),
    plainHttp: flag()
      .prefault(false)
      .describe("Whether it may be asked without TLS when it is not on this machine."),
    config: flag()
      .prefault(false)
      .describe(
        "Whether a framegate.config.json or .yaml in it stands for the routes of this file, and what they go by.",
      ),
    dir: text("the path of a folder")
      .prefault("./.framegate")
      .describe(
        "Folder where versions are kept, relative to the config file. It is the gateway's own, and can be written.",
      ),
    keep: whole(2, 100, "a whole number from 2 to 100")
      .prefault(5)
      .describe("How many versions that have run are kept."),
  },
  'an object such as { http: "https://releases.example.com/policies.tar.gz" }',
).superRefine((source, context) => {
  if (KINDS.filter((kind) => source[kind] !== undefined).length !== 1)
    context.addIssue({ code: "custom", message: `one of ${KINDS.join(", ")}` });
  if (source.ref !== undefined && source.git === undefined) reportOption(context, "ref", "`git` beside it");
});

export interface SourceAround {
  readonly dir: string;
  readonly policies: string;
  readonly secrets: Readonly<Record<string, unknown>>;
  /** Of `packs`: who signs what is believed. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly problems: ConfigProblem[];
}

export function resolveSource(parsed: z.output<typeof sourceSchema>, around: SourceAround): SourceConfig {
  const { path = "", every, timeout, user, token, hook, lock, ...rest } = parsed;
  const { dir, policies, secrets, keys, problems } = around;
  for (const [option, name] of Object.entries({ token, hook })) {
    if (name === undefined || Object.hasOwn(secrets, name)) continue;
    const known = Object.keys(secrets).join(", ") || "none";
    const message = `expected the name of one of secrets (${known}), got "${name}"`;
    problems.push({ path: `source.${option}`, message });
  }
  if (rest.require === "signed" && Object.keys(keys).length === 0) {
    const message =
      'expected a key of the one who signs below packs.keys beside "signed", got none: no version could ever be taken';
    problems.push({ path: "source.require", message });
  }
  if (policies !== "." && !isInside(policies.replace(/^\.\//, ""))) {
    const message = `expected a folder of the source, such as "policies", or "." for all of it, got "${policies}"`;
    problems.push({ path: "policies", message });
  }
  return {
    ...{ require: rest.require, keep: rest.keep, plainHttp: rest.plainHttp, config: rest.config },
    ...{ from: placeOf(parsed, dir), path: posix.normalize(path).replace(/^\.$|\/$/g, "") },
    ...{ everyMs: every, timeoutMs: timeout, dir: resolve(dir, rest.dir) },
    ...(lock !== undefined && { lock }),
    ...(user !== undefined && { user }),
    ...(token !== undefined && { token }),
    ...(hook !== undefined && { hook }),
  };
}

function placeOf({ folder, http, git, ref, oci }: z.output<typeof sourceSchema>, dir: string): SourceOrigin {
  if (folder !== undefined) return { kind: "folder", folder: resolve(dir, folder) };
  if (http !== undefined) return { kind: "http", url: http };
  if (git !== undefined) return { kind: "git", url: git, ref: ref ?? "HEAD" };
  return { kind: "oci", reference: parseOciReference(oci as string) as OciReference };
}

/** Nothing that git would take for a command or an option (`ext::…`, `-u…`). */
function isRepository(text: string): boolean {
  if (/^[\w.-]+@[\w.-]+:[\w~/][\w~./+-]*$/.test(text)) return true;
  const url = URL.parse(text);
  return url !== null && /^(?:https?|ssh|git|file):$/.test(url.protocol) && url.password === "";
}

function isInside(path: string): boolean {
  return !isAbsolute(path) && !/[\\:]/.test(path) && !path.split("/").includes("..");
}
