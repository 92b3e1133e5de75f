/**
 * Where a session stands in the list of all, newest first: those of the same millisecond by their ids. It is the same as
 * long as the session lives, so a page that begins below a place is right whatever came or ended since the page before.
 */
export interface SessionPlace {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** For sorting: newest first. */
export function comparePlaces(a: SessionPlace, b: SessionPlace): number {
  return b.startedAt - a.startedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** As it is written: `1764252000000.3f9a…`. */
export function wordPlace({ startedAt, id }: SessionPlace): string {
  return `${startedAt}.${id}`;
}

/** Undefined: it is no place. */
export function readPlace(text: string): SessionPlace | undefined {
  const [, startedAt, id] = /^(\d{1,15})\.(.{1,100})$/s.exec(text) ?? [];
  return startedAt === undefined || id === undefined ? undefined : { startedAt: Number(startedAt), id };
}
