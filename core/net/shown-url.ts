const HIDDEN = "[hidden]";

/** As long as keys are that stand in a path or a query; shorter parts are words. */
const MIN_KEY = 16;

/** For people: without a user, a password and a query, which may hold a token. */
export function showUrl(url: URL | string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Of a URL that is a secret who is asked, for that one wants to see; keys stand in its path and query, too. */
export function showSecretUrl(text: URL | string): string {
  const url = URL.parse(text);
  return url === null || url.host === "" ? HIDDEN : `${url.protocol}//${url.host}/${HIDDEN}`;
}

/**
 * How the URL of an option is shown.
 *
 * @param secretTexts those that were read from elsewhere, by their places
 */
export function wayToShow(
  option: string,
  secretTexts: Readonly<Record<string, string>>,
): (url: URL | string) => string {
  return Object.hasOwn(secretTexts, option) ? showSecretUrl : showUrl;
}

/** A branch, tag or commit of a git repository, which may be `user@host:path`. */
export function showRepository(url: string, ref: string): string {
  return `${URL.canParse(url) ? showUrl(url) : url}#${ref}`;
}

/** What of a secret URL is one by itself: what servers and libraries tell of it is rarely the whole. */
export function secretsInUrl(text: string): string[] {
  const url = URL.parse(text);
  if (url === null || url.host === "") return [];
  const { host, pathname, search, username, password, searchParams } = url;
  const place = pathname.length > 1 || search !== "" ? [`${host}${pathname}${search}`] : [];
  const path = pathname.length > 1 ? [`${host}${pathname}`] : [];
  const keys = [...pathname.split("/"), ...search.slice(1).split(/[&=]/), ...searchParams.values()];
  const who = password === "" ? username : password;
  const found = [...place, ...path, ...keys.filter(({ length }) => length >= MIN_KEY), who, decode(who)];
  return [...new Set(found)].filter((part) => part !== "");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
