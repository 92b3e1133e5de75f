/** Of the browser's `location` and `history`, what is needed. */
interface PageAddress {
  readonly hash: string;
  readonly pathname: string;
  readonly search: string;
}

interface PageHistory {
  readonly state: unknown;
  replaceState(state: unknown, title: string, url: string): void;
}

/**
 * The token that the gateway printed with the console's address: `#token=…`. It is taken out of the address bar and the
 * history at once, so that it is in no bookmark and no screenshot.
 */
export function takeToken({ hash, pathname, search }: PageAddress, history: PageHistory): string | undefined {
  // A plus sign is one, as tokens of base64 have it, and no space of a form.
  const token = new URLSearchParams(hash.slice(1).replaceAll("+", "%2B")).get("token");
  if (token === null) return undefined;
  history.replaceState(history.state, "", pathname + search);
  return token === "" ? undefined : token;
}
