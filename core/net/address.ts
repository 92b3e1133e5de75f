/** Where something listens, or is listened on. */
export interface NetAddress {
  /** "" with a socket. */
  readonly host: string;
  /** 0 with a socket. */
  readonly port: number;
  /** Path of a Unix socket. */
  readonly socket?: string;
}

export function formatAddress({ host, port, socket }: NetAddress): string {
  if (socket !== undefined) return socket;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
