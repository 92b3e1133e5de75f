/** What one connection has taken and must give back, whichever way it ends: its place in a count, at a server. */
export class Holdings {
  #releases: readonly (() => void)[] = NONE;

  add(release: () => void): void {
    // No longer than it is: connections last, and an array that grows by `push` has room for many more.
    this.#releases = [...this.#releases, release];
  }

  /** What was taken last goes first. More calls than one do nothing. */
  giveBack(): void {
    const releases = this.#releases;
    this.#releases = NONE;
    for (const release of releases.toReversed()) release();
  }
}

const NONE: readonly never[] = [];
