import { sha256 } from "../../policies/pack/canonical-json.ts";

/** The files of a version by path, with `/`. */
export type SourceFiles = ReadonlyMap<string, Uint8Array>;

/** In the files, or beside them: who answers for them. */
export const SOURCE_SIGNATURE = "framegate.source.sig";

/** What is known of a version that is on disk. Plain JSON: it is kept beside it. */
export interface VersionNote {
  /** `sha256:` and hexadecimal, over all files but the signature. */
  readonly digest: string;
  /** What its source calls it. */
  readonly revision: string;
  /** What it was made of, such as a commit, in the words of who has put it there. Absent: they did not say. */
  readonly madeOf?: string;
  /** Where it is from. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly fetchedAt: number;
  /** It has run; since when, the last time. Absent: never. */
  readonly activatedAt?: number;
  /** Somebody went back from it to another. */
  readonly isTurnedAway?: boolean;
  /** Files that claim to sign it, whoever is believed at the moment. */
  readonly signatures: readonly string[];
  /** By a key that is believed. */
  readonly signature?: VersionSignature;
}

/** Who has signed it, and when they say it was. */
export interface VersionSignature {
  readonly publicKey: string;
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly signedAt: number;
}

/**
 * One for one content, wherever it comes from: the SHA-256 of what `sha256sum` prints of the files in the order of their
 * paths.
 */
export function digestOf(files: SourceFiles): string {
  const lines = [...files]
    .filter(([path]) => path !== SOURCE_SIGNATURE)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`);
  return `sha256:${sha256(lines.join(""))}`;
}

/** Those of a folder in it, by their path there. @param folder "": all of it */
export function filesBelow(files: SourceFiles, folder: string): SourceFiles {
  if (folder === "") return files;
  const start = `${folder}/`;
  return new Map(
    [...files].flatMap(([path, bytes]) =>
      path.startsWith(start) ? [[path.slice(start.length), bytes]] : [],
    ),
  );
}
