/** An address and a port as the log and the records have them: `127.0.0.1:5000`, `::1:5000`. */
export function splitPeer(peer: string): { readonly address: string; readonly port: number } {
  const colon = peer.lastIndexOf(":");
  return { address: peer.slice(0, colon), port: Number(peer.slice(colon + 1)) || 0 };
}
