import * as library from "mqtt-packet";
import type { MqttPacket, MqttVersion } from "./packet-types.ts";
import { requireLayout } from "./requirements.ts";

/** Those that MQTT 5 can write in one way only, but for the order of properties. */
const OF_ONE_LENGTH = new Set(["connect", "connack", "subscribe", "suback", "unsubscribe", "unsuback"]);

/** mqtt-packet, and what it does not look at. */
export interface PacketCodec {
  /** Throws where it is no packet of this version. */
  parse(bytes: Uint8Array, version: MqttVersion): MqttPacket;
  /** Throws where it is none. */
  write(packet: MqttPacket, version: MqttVersion): Uint8Array;
}

export function createPacketCodec(): PacketCodec {
  // Else it makes 65,536 small buffers at its first use.
  library.writeToStream.cacheNumbers = false;
  const toBuffer = bufferOf(library.generate({ cmd: "pingreq" }));

  function write(packet: MqttPacket, protocolVersion: MqttVersion): Uint8Array {
    return library.generate(withBytes(packet, toBuffer) as never, { protocolVersion });
  }

  return {
    parse(bytes, version) {
      requireLayout(bytes, version);
      const packet = parse(toBuffer(bytes), version);
      // MQTT 3.1.1 and 5, 3.3.2.1.
      if (packet.cmd === "publish" && /[\0+#]/.test(packet.topic)) throw new Error("a topic that is none");
      if (!isWhole(packet, bytes, version)) throw new Error(`${packet.cmd} is not as long as it says`);
      return packet;
    },
    write,
  };

  /** The library is lenient with what is too short, and with what is behind the end. */
  function isWhole(packet: MqttPacket, bytes: Uint8Array, version: MqttVersion): boolean {
    const { cmd } = packet;
    if ("messageId" in packet && !(packet.messageId! > 0)) return false;
    if (cmd === "pingreq" || cmd === "pingresp") return bytes.length === 2;
    if (cmd === "connect") {
      // MQTT 5 lets a client without an id keep its session; the library's writer does not.
      return write({ ...packet, clean: true }, packet.protocolVersion).length === bytes.length;
    }
    if (cmd === "publish" || (version === 5 && !OF_ONE_LENGTH.has(cmd))) return true;
    return write(packet, version).length === bytes.length;
  }
}

function parse(bytes: Uint8Array, protocolVersion: MqttVersion): MqttPacket {
  const packets: unknown[] = [];
  const errors: unknown[] = [];
  const parser = library.parser({ protocolVersion });
  parser.on("packet", (packet) => packets.push(packet));
  parser.on("error", (error) => errors.push(error));
  parser.parse(bytes as never);
  if (errors.length > 0) throw errors[0];
  return tidy(packets[0] as Record<string, unknown>);
}

/** Without what the library says of all packets, whatever they are. */
function tidy({ length, ...packet }: Record<string, unknown>): MqttPacket {
  if (packet.cmd === "publish") return packet as unknown as MqttPacket;
  const { retain, qos, dup, topic, payload, ...own } = packet;
  return own as unknown as MqttPacket;
}

type ToBuffer = (bytes: Uint8Array) => Uint8Array;

/** The library takes no bytes but those of the kind that it makes itself. */
function bufferOf(made: Uint8Array): ToBuffer {
  const kind = made.constructor as unknown as { from(bytes: Uint8Array): Uint8Array };
  return (bytes) => kind.from(bytes);
}

function withBytes(value: unknown, toBuffer: ToBuffer): unknown {
  if (value instanceof Uint8Array) return toBuffer(value);
  if (Array.isArray(value)) return value.map((item) => withBytes(item, toBuffer));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withBytes(member, toBuffer)]),
  );
}
