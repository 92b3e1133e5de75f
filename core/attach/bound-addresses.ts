import type { Server } from "node:http";
import type { NetAddress } from "../net/address.ts";

/** Where servers are bound that somebody else opens and closes. */
export interface BoundAddresses {
  /** @returns the server is not followed any more */
  follow(server: Server): () => void;
}

export function boundAddresses(onChange: (addresses: readonly NetAddress[]) => void): BoundAddresses {
  const servers = new Set<Server>();
  const tell = (): void => onChange([...servers].flatMap(addressOf));
  return {
    follow(server) {
      servers.add(server);
      server.on("listening", tell).on("close", tell);
      tell();
      return () => {
        server.off("listening", tell).off("close", tell);
        servers.delete(server);
        tell();
      };
    },
  };
}

/** None while it does not listen. */
function addressOf(server: Server): readonly NetAddress[] {
  const address = server.address();
  if (address === null) return [];
  if (typeof address === "string") return [{ host: "", port: 0, socket: address }];
  return [{ host: address.address, port: address.port }];
}
