/** A protocol that a policy speaks, and how a first message of it looks. */
export interface SpokenProtocol {
  readonly subprotocol: string;
  /** Undefined: nobody can type it. */
  readonly message?: string;
}

const PROTOCOLS: readonly SpokenProtocol[] = [
  { subprotocol: "graphql-transport-ws", message: '{"type":"connection_init"}' },
  { subprotocol: "ocpp2.0.1", message: '[2,"1","Heartbeat",{}]' },
  { subprotocol: "ocpp1.6", message: '[2,"1","Heartbeat",{}]' },
  { subprotocol: "realtime", message: '{"type":"response.create"}' },
  { subprotocol: "v12.stomp" },
  { subprotocol: "mqtt" },
];

/** @param code of the policies that a client has to pass: a lens has the name of its subprotocol in it */
export function findProtocol(code: readonly string[]): SpokenProtocol | undefined {
  return PROTOCOLS.find(({ subprotocol }) =>
    code.some((each) => each.includes(`"${subprotocol}"`) && each.includes("offer the subprotocol")),
  );
}
