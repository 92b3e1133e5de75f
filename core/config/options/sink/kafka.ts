import { z } from "zod";
import { choice, flag, reportOption, section, text } from "../schema-parts.ts";
import { resolveSecret, type SecretSource, secretSchema } from "../secret-source.ts";
import {
  readTls,
  type TlsPlace,
  type UpstreamTlsConfig,
  upstreamTlsSchema,
} from "../upstream/upstream-tls.ts";

/** A topic of Kafka. */
export interface KafkaTarget {
  readonly type: "kafka";
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly key: "session" | "node";
  readonly compression: "none" | "gzip" | "zstd";
  readonly tls: UpstreamTlsConfig | boolean;
  readonly sasl?: {
    readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
    readonly user: string;
    readonly password: SecretSource;
  };
}

const BROKER_TEXT = 'a host with a port such as "kafka-1.example.com:9092"';

export const kafkaSchema = section(
  "KafkaSinkInput",
  {
    brokers: z
      .array(text(BROKER_TEXT).regex(/^(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, { error: BROKER_TEXT }), {
        error: `a list of brokers, each ${BROKER_TEXT}`,
      })
      .min(1, { error: "at least one broker" })
      .describe("Brokers that are asked for the others, each a host with a port."),
    topic: text("the name of a topic")
      .regex(/^[\w.-]{1,249}$/, { error: "the name of a topic: letters, digits, _, . and -" })
      .prefault("framegate-traffic")
      .describe("Topic of the records. The gateway does not make it."),
    key: choice(["session", "node"])
      .prefault("session")
      .describe("Key of the messages: what has the same one is in one partition, in order."),
    compression: choice(["none", "gzip", "zstd"]).prefault("gzip").describe("How batches are compressed."),
    tls: z
      .union([flag(), upstreamTlsSchema], { error: "true, false, or an object such as { ca }" })
      .prefault(false)
      .describe("Whether, and how, connections are over TLS."),
    sasl: section(
      "KafkaSaslInput",
      {
        mechanism: choice(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
          .prefault("SCRAM-SHA-512")
          .describe("How the user is told."),
        user: text("the name of a user").describe("User."),
        password: secretSchema.describe("Where the user's password is."),
      },
      'an object such as { user: "framegate", password: { env: "KAFKA_PASSWORD" } }',
    )
      .optional()
      .describe("Who writes. Default: nobody in particular."),
  },
  'an object such as { brokers: ["kafka-1.example.com:9092"] }',
).superRefine(({ sasl, tls }, context) => {
  if (sasl?.mechanism === "PLAIN" && tls === false)
    reportOption(context, "sasl", "SCRAM, or `tls`: PLAIN shows the password to whoever listens");
});

export function resolveKafka(
  { tls, sasl, ...rest }: z.output<typeof kafkaSchema>,
  place: TlsPlace,
): KafkaTarget {
  return {
    type: "kafka",
    ...rest,
    tls: typeof tls === "object" ? readTls(tls, place) : tls,
    ...(sasl && { sasl: { ...sasl, password: resolveSecret(sasl.password, place.dir) } }),
  };
}
