import type { CloseVerdict, MessageHookContext } from "framegate/policy";
import { concatBytes, type HeldBytes, hold, takeHeld } from "../lib/held-bytes.ts";
import { lensState } from "../lib/lens-state.ts";
import type { Dialect, ProtocolParts, SideName } from "../lib/protocol.ts";
import type { MqttPacket, MqttProtocol, MqttVersion } from "./packet-types.ts";
import { createPacketCodec } from "./packets.ts";
import { splitPackets } from "./split.ts";
import { type TopicAliases, withoutAlias } from "./topic-aliases.ts";

interface State {
  /** What the client's CONNECT says; undefined: it has not come. */
  version?: MqttVersion;
  readonly held: HeldBytes;
  readonly aliases: Readonly<Record<SideName, TopicAliases>>;
}

/** The first byte of one. */
const CONNACK = 0x20;

export const MQTT_FOREIGN: CloseVerdict = { code: 1002, reason: "not MQTT" };

/** How both sides speak it. */
export function createMqttDialects(
  sendable: Readonly<Record<SideName, readonly string[]>>,
): Pick<ProtocolParts<MqttProtocol>, SideName> {
  const { parse, write } = createPacketCodec();
  const cameAs = new WeakMap<MqttPacket, Uint8Array>();

  function readPacket(bytes: Uint8Array, from: SideName, state: State): MqttPacket {
    const packet = parse(bytes, isOldRefusal(bytes) ? 4 : (state.version ?? 4));
    if (!sendable[from].includes(packet.cmd)) throw new Error(`a ${from} does not send ${packet.cmd}`);
    // MQTT 3.1.1 and 5, 3.1: the first packet of a client, and no other one.
    if ((packet.cmd === "connect") !== (state.version === undefined)) throw new Error(`${packet.cmd} now`);
    if (packet.cmd === "connect") state.version = packet.protocolVersion;
    const whole = packet.cmd === "publish" ? withoutAlias(packet, state.aliases[from]) : undefined;
    if (whole === undefined) cameAs.set(packet, bytes);
    return whole ?? packet;
  }

  const dialect: Dialect<MqttPacket> = {
    read(context) {
      const { content, frame } = context;
      if (typeof content.body === "string") throw new TypeError("expected bytes, got text");
      const state = stateOf(context);
      const bytes = takeHeld(state.held, frame.origin, content.body);
      const { packets: parts, rest } = splitPackets(bytes);
      hold(state.held, frame.origin, rest);
      const packets = parts.map((part) => readPacket(part, frame.origin, state));
      const isWhole = bytes === content.body && rest.length === 0;
      return { packets, isPiece: !isWhole || packets.some((packet) => !cameAs.has(packet)) };
    },
    kindOf: ({ cmd }) => cmd,
    write(packets, context, asTheyCame) {
      const { version = 4 } = stateOf(context);
      const written = packets.map((packet) => {
        const came = asTheyCame.has(packet) ? cameAs.get(packet) : undefined;
        return came ?? write(packet, writtenAs(packet) ?? version);
      });
      return [concatBytes(written)];
    },
    foreign: MQTT_FOREIGN,
  };
  // That a side sends no others, `readPacket` sees to.
  return { client: dialect as Dialect<never>, server: dialect as Dialect<never> };
}

function stateOf(context: MessageHookContext): State {
  return lensState<State>(context, () => ({ held: {}, aliases: { client: {}, server: {} } }));
}

/**
 * A server that does not know the version of the client's CONNECT answers with a CONNACK of its own (MQTT 3.1.1, 3.2.2.3). It is shorter than any of
 * MQTT 5, and nothing comes after it.
 */
function isOldRefusal(bytes: Uint8Array): boolean {
  return bytes.length === 4 && bytes[0] === CONNACK && bytes[3] !== 0;
}

/** Undefined: as all that goes over the connection. */
function writtenAs(packet: MqttPacket): MqttVersion | undefined {
  if (packet.cmd === "connect") return packet.protocolVersion;
  return packet.cmd === "connack" && packet.returnCode !== undefined ? 4 : undefined;
}
