/** What a policy that rewrites puts into each message of a client: it comes from the upgrade request. */
export const USER_HEADER = "X-User: alice";
export const USER_MEMBER = ',"user":"alice"';

/**
 * A JSON object of so many bytes, 27 at least. From 256 bytes on it has rows, as the messages of applications do: one
 * long string would cost a parser next to nothing. To parse and to serialise it gives the same text.
 */
export function makeMessage(bytes: number): string {
  const items: object[] = [];
  const render = (pad: string) =>
    JSON.stringify(items.length === 0 ? { seq: 1_000_000_000, pad } : { seq: 1_000_000_000, items, pad });
  if (bytes >= 256) {
    const rowBytes = JSON.stringify(makeRow(10_000)).length + 1;
    const rows = Math.floor((bytes - render("").length - '"items":[],'.length) / rowBytes);
    for (let i = 0; i < rows; i++) items.push(makeRow(10_000 + i));
  }
  return render("x".repeat(Math.max(0, bytes - render("").length)));
}

function makeRow(id: number): object {
  return { id, name: `item-${id}`, quantity: 10.5, isOpen: true };
}
