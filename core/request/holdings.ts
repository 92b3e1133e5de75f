/** What one connection has taken and must give back, whichever way it ends: its place in a count, at a server. */
export class Holdings {
  #releases: (() => void)[] = [];

  add(release: () => void): void {
    this.#releases.push(release);
  }

  /** What was taken last goes first. More calls than one do nothing. Needs no `this`, and keeps nothing else in memory. */
  readonly giveBack = (): void => {
    const releases = this.#releases;
    this.#releases = [];
    for (const release of releases.reverse()) release();
  };
}
