import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** Ends a connection with a reset, where that can be. */
export function cutSocket(socket: Socket): void {
  // TLS cannot reset. Nor can a socket whose FIN is on its way: Node would keep its handle open for ever.
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
