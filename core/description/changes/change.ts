/** One thing that a description says otherwise than before. */
export interface Change {
  /** What it is about: "client say /text". */
  readonly place: string;
  readonly text: string;
  /** Whether what was let through before may be refused now. */
  readonly isBreaking: boolean;
}

export function breaking(place: string, text: string): Change {
  return { place, text, isBreaking: true };
}

export function compatible(place: string, text: string): Change {
  return { place, text, isBreaking: false };
}
