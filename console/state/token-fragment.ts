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
  const token = new URLSearchParams(hash.slice(1)).get("token");
  if (token === null) return undefined;
  history.replaceState(history.state, "", pathname + search);
  return token === "" ? undefined : token;
}
