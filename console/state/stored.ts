const PREFIX = "framegate.";

/** What this browser remembers; the fallback where storage is refused or empty. */
export function readStored(name: string, fallback: string): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? fallback;
  } catch {
    return fallback;
  }
}

export function store(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Storage is full or refused: the setting holds until the page is left.
  }
}
