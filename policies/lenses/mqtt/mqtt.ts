import type { JsonObject } from "framegate/policy";
import { createLens, type LensHooks } from "../lib/lens.ts";
import type { AnySession, LensHandlers, ProtocolParts } from "../lib/protocol.ts";
import { agreedSubprotocol } from "../lib/subprotocols.ts";
import { createMqttDialects, MQTT_FOREIGN } from "./dialect.ts";
import type { MqttProtocol } from "./packet-types.ts";

export type * from "./packet-types.ts";

const KINDS = {
  client: ["connect", "subscribe", "unsubscribe", "pingreq"],
  server: ["connack", "suback", "unsuback", "pingresp"],
  both: ["publish", "puback", "pubrec", "pubrel", "pubcomp", "disconnect", "auth"],
} as const satisfies ProtocolParts<MqttProtocol>["kinds"];

/**
 * MQTT 3.1, 3.1.1 and 5 over WebSocket, the subprotocol `mqtt`, or `mqttv3.1`. What is no MQTT ends the connection: nobody could say where
 * the next packet begins.
 */
export function mqtt<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<MqttProtocol, Options, Session>,
): LensHooks<Options, Session> {
  const dialects = createMqttDialects({
    client: [...KINDS.client, ...KINDS.both],
    server: [...KINDS.server, ...KINDS.both],
  });
  const parts: ProtocolParts<MqttProtocol> = {
    name: "mqtt",
    kinds: KINDS,
    ...agreedSubprotocol(["mqtt", "mqttv3.1"], MQTT_FOREIGN),
    // The client's first packet says of what version those of both sides are.
    readsBoth: true,
    ...dialects,
  };
  return createLens<MqttProtocol, Options, Session>(parts, handlers, {});
}
