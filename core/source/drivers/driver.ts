import type { SourceFiles } from "../version.ts";

/** Where versions come from. One of these for each kind of source; what is dangerous about a kind stays behind it. */
export interface SourceDriver {
  /** For people: where it is, without credentials. */
  readonly origin: string;
  /**
   * Rejects with a SourceError (`ERR_SOURCE_FETCH`): it is tried again.
   *
   * @param known what it gave last; undefined: it is to give what is there in any case
   */
  fetch(known: Revision | undefined, signal: AbortSignal): Promise<FetchedVersion | "unchanged">;
}

export interface FetchedVersion {
  readonly revision: Revision;
  /** Bounded, with paths that do not lead out. Rejects with a SourceError (`ERR_SOURCE_FORMAT`): it will be no better next time. */
  readonly unpack: () => Promise<SourceFiles>;
  /** What signs it beside it; absent: what may be in its files. */
  readonly signatures?: readonly string[];
}

export interface Revision {
  /** What the source itself calls it: a commit, the digest of a manifest or of an archive. */
  readonly id: string;
  /** What it was made of, in the words of who has put it there. */
  readonly madeOf?: string;
  /** By which an HTTP server tells that it is still the same. */
  readonly etag?: string;
}
