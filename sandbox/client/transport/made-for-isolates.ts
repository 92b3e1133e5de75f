/** What Node must be started with before its process may hold isolates: theirs have no part of Node's own snapshot. */
export const ISOLATES_FLAG = "--no-node-snapshot";

/** Whether this process was. The flags of V8 that isolates need can be set later, see `embedded-host.ts`. */
export const isMadeForIsolates = [
  ...process.execArgv,
  ...(process.env.NODE_OPTIONS ?? "").split(/\s+/),
].includes(ISOLATES_FLAG);
