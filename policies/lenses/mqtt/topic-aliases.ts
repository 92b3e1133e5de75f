import type { MqttPublish } from "./packet-types.ts";

/** Of each direction. */
const MAX_ALIASES = 64;
/** Of all of them as JSON, as which they stand in `session`. */
const MAX_CHARACTERS = 6_144;

/** By alias (MQTT 5, 3.3.2.3.4). */
export type TopicAliases = Record<string, string>;

type Aliased = MqttPublish & { readonly properties?: { readonly topicAlias?: number } };

/**
 * The packet with its whole topic and without the alias: a handler that looks at topics would see none in most packets of a sender that
 * uses aliases, and what it changes would not be what the receiver has noted. Undefined where it has no alias. Throws at one that stands
 * for nothing, and where there is no topic at all.
 */
export function withoutAlias(packet: Aliased, aliases: TopicAliases): MqttPublish | undefined {
  const { topicAlias, ...properties } = packet.properties ?? {};
  // MQTT 3.1.1, 4.7.3, and MQTT 5, 3.3.2.1.
  if (packet.topic === "" && topicAlias === undefined) throw new Error("a PUBLISH without a topic");
  if (topicAlias === undefined) return undefined;
  if (typeof topicAlias !== "number") throw new Error("several topic aliases");
  const topic = packet.topic === "" ? aliases[topicAlias] : packet.topic;
  if (topic === undefined) throw new Error(`the topic alias ${topicAlias} stands for nothing`);
  aliases[topicAlias] = topic;
  requireFew(aliases);
  return { ...packet, topic, properties };
}

function requireFew(aliases: TopicAliases): void {
  if (Object.keys(aliases).length > MAX_ALIASES || JSON.stringify(aliases).length > MAX_CHARACTERS)
    throw new RangeError("too many topic aliases");
}
