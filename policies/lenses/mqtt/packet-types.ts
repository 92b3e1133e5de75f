import type { PacketOf } from "../lib/protocol.ts";

export type MqttQos = 0 | 1 | 2;

/** 3 is MQTT 3.1, 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type MqttVersion = 3 | 4 | 5;

type UserProperties = Readonly<Record<string, string | readonly string[]>>;

interface Reason {
  readonly reasonString?: string;
  readonly userProperties?: UserProperties;
}

interface Authentication {
  readonly authenticationMethod?: string;
  readonly authenticationData?: Uint8Array;
}

interface About {
  readonly payloadFormatIndicator?: boolean;
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly userProperties?: UserProperties;
}

export interface MqttConnect {
  readonly cmd: "connect";
  readonly protocolId: "MQTT" | "MQIsdp";
  readonly protocolVersion: MqttVersion;
  readonly clean: boolean;
  readonly keepalive: number;
  readonly clientId: string;
  readonly username?: string;
  readonly password?: Uint8Array;
  readonly will?: {
    readonly topic: string;
    readonly payload: Uint8Array;
    readonly qos: MqttQos;
    readonly retain: boolean;
    readonly properties?: About & { willDelayInterval?: number };
  };
  readonly properties?: Authentication & {
    readonly sessionExpiryInterval?: number;
    readonly receiveMaximum?: number;
    readonly maximumPacketSize?: number;
    readonly topicAliasMaximum?: number;
    readonly requestResponseInformation?: boolean;
    readonly requestProblemInformation?: boolean;
    readonly userProperties?: UserProperties;
  };
}

export interface MqttConnack {
  readonly cmd: "connack";
  readonly sessionPresent: boolean;
  /** Before MQTT 5; also of a server that refuses MQTT 5 in the words of 3.1.1. */
  readonly returnCode?: number;
  /** MQTT 5. */
  readonly reasonCode?: number;
  readonly properties?: Authentication &
    Reason & {
      readonly sessionExpiryInterval?: number;
      readonly receiveMaximum?: number;
      readonly maximumQoS?: number;
      readonly retainAvailable?: boolean;
      readonly maximumPacketSize?: number;
      readonly assignedClientIdentifier?: string;
      readonly topicAliasMaximum?: number;
      readonly wildcardSubscriptionAvailable?: boolean;
      readonly subscriptionIdentifiersAvailable?: boolean;
      readonly sharedSubscriptionAvailable?: boolean;
      readonly serverKeepAlive?: number;
      readonly responseInformation?: string;
      readonly serverReference?: string;
    };
}

export interface MqttPublish {
  readonly cmd: "publish";
  /** Always the whole topic: where a sender uses a topic alias, the one that it stands for. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: MqttQos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** With a `qos` of 1 or 2. */
  readonly messageId?: number;
  readonly properties?: About & { subscriptionIdentifier?: number | readonly number[] };
}

/** The answers to a `publish` with a `qos` of 1 or 2. */
export interface MqttAcknowledgement<Cmd extends "puback" | "pubrec" | "pubrel" | "pubcomp"> {
  readonly cmd: Cmd;
  readonly messageId: number;
  readonly reasonCode?: number;
  readonly properties?: Reason;
}

export interface MqttSubscription {
  readonly topic: string;
  readonly qos: MqttQos;
  /** MQTT 5: no local, retain as published, retain handling. */
  readonly nl?: boolean;
  readonly rap?: boolean;
  readonly rh?: number;
}

export interface MqttSubscribe {
  readonly cmd: "subscribe";
  readonly messageId: number;
  readonly subscriptions: readonly MqttSubscription[];
  readonly properties?: { subscriptionIdentifier?: number; userProperties?: UserProperties };
}

export interface MqttUnsubscribe {
  readonly cmd: "unsubscribe";
  readonly messageId: number;
  readonly unsubscriptions: readonly string[];
  readonly properties?: { userProperties?: UserProperties };
}

export interface MqttGranted<Cmd extends "suback" | "unsuback"> {
  readonly cmd: Cmd;
  readonly messageId: number;
  /** One for each topic; of an `unsuback` with MQTT 5 only. */
  readonly granted: readonly number[];
  readonly properties?: Reason;
}

export interface MqttPing<Cmd extends "pingreq" | "pingresp"> {
  readonly cmd: Cmd;
}

export interface MqttDisconnect {
  readonly cmd: "disconnect";
  readonly reasonCode?: number;
  readonly properties?: Reason & { sessionExpiryInterval?: number; serverReference?: string };
}

export interface MqttAuth {
  readonly cmd: "auth";
  readonly reasonCode: number;
  readonly properties?: Authentication & Reason;
}

/** By the names that the library mqtt-packet has for packets. */
export interface MqttProtocol {
  readonly client: {
    readonly connect: MqttConnect;
    readonly subscribe: MqttSubscribe;
    readonly unsubscribe: MqttUnsubscribe;
    readonly pingreq: MqttPing<"pingreq">;
  };
  readonly server: {
    readonly connack: MqttConnack;
    readonly suback: MqttGranted<"suback">;
    readonly unsuback: MqttGranted<"unsuback">;
    readonly pingresp: MqttPing<"pingresp">;
  };
  readonly both: {
    readonly publish: MqttPublish;
    readonly puback: MqttAcknowledgement<"puback">;
    readonly pubrec: MqttAcknowledgement<"pubrec">;
    readonly pubrel: MqttAcknowledgement<"pubrel">;
    readonly pubcomp: MqttAcknowledgement<"pubcomp">;
    readonly disconnect: MqttDisconnect;
    readonly auth: MqttAuth;
  };
}

export type MqttPacket = PacketOf<MqttProtocol, "client"> | PacketOf<MqttProtocol, "server">;
