/** Why a request cannot have these headers, without what they say: `fetch` would tell that, and it may be a secret. */
export function problemOfHeaders(headers: Readonly<Record<string, string>>): string | undefined {
  // RFC 9110, 5.5.
  const found = Object.entries(headers).find(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value));
  return (
    found && `the value for the header ${found[0]} has a line break, or another character that none may have`
  );
}
