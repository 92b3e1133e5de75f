/** What becomes of each of the client's messages on its way through the relay. */
export const TRIPS = {
  spliced: "passed on as it comes",
  unmasked: "put together, unmasked, masked, passed on",
  asked: "the same, and its bytes to another process and 45 back",
  filed: "the same by a file in memory, of which 32 bytes tell the other process",
  looked: "as asked, there made a string that an isolate looks at",
  parsed: "the same, there parsed, changed and serialised, and back as bytes",
  json: "parsed, changed and serialised in the relay, without the other process",
  told: "the other process told of it in 32 bytes, 45 back, and a member set in its bytes",
} as const;

export type Trip = keyof typeof TRIPS;

/** As long as what a host is told of a message whose body stays here, and as what it says of one that stays as it was. */
export const TOLD_BYTES = 32;
export const UNCHANGED_BYTES = 45;

/** The file has room for so many messages, one behind the other, and then from the beginning: their memory stays near. */
export const FILE_SLOTS = 4;

/** What a policy that rewrites does. Its text, without types, is run in an isolate as well. */
export function addUser(text: string): string {
  return JSON.stringify({ ...JSON.parse(text), user: "alice" });
}
