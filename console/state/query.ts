import { useLocation } from "preact-iso";

export type Query = Readonly<Record<string, string>>;

/** The view's filter and selection, kept in the URL so that it can be linked and reloaded. */
export function useQuery(): readonly [Query, (changes: Record<string, string | undefined>) => void] {
  const { path, query, route } = useLocation();
  const change = (changes: Record<string, string | undefined>) => {
    const next = Object.entries({ ...query, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
    );
    const text = new URLSearchParams(next).toString();
    route(text === "" ? path : `${path}?${text}`, true);
  };
  return [query, change];
}

/** A link into the console. */
export function link(path: string, query: Readonly<Record<string, string | number>> = {}): string {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return text.size === 0 ? path : `${path}?${text}`;
}
