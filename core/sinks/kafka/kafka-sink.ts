import { type KafkaTarget, readSecret } from "../../config/index.ts";
import { SinkError } from "../errors.ts";
import { loadPackage } from "../packages.ts";
import type { Sink, SinkRecord } from "../sink.ts";

/** What is used of the package. */
interface KafkaPackage {
  readonly Producer: new (options: object) => KafkaProducer;
  readonly stringSerializers: object;
}

interface KafkaProducer {
  metadata(options: { readonly topics: readonly string[] }): Promise<unknown>;
  send(options: {
    readonly messages: readonly { readonly topic: string; readonly key: string; readonly value: string }[];
    readonly acks: number;
    readonly compression: string;
  }): Promise<unknown>;
  close(): Promise<void>;
}

/** All replicas that are in step have it. */
const ALL_REPLICAS = -1;
const CONNECT_TIMEOUT_MS = 5000;

/** Messages of a topic: a record each. Trying again is the runner's, and the library's is off. */
export function createKafkaSink(target: KafkaTarget): Sink {
  const { brokers, topic, compression } = target;
  let producer: KafkaProducer | undefined;

  return {
    open: () =>
      named(async () => {
        await release();
        const { Producer, stringSerializers } = await loadPackage<KafkaPackage>("@platformatic/kafka");
        producer = new Producer({ ...toOptions(target), serializers: stringSerializers });
        await producer.metadata({ topics: [topic] });
      }),
    write: (records) =>
      named(async () => {
        const messages = records.map((record) => ({ topic, key: keyOf(record), value: record.json }));
        await producer?.send({ messages, acks: ALL_REPLICAS, compression });
      }),
    close: release,
  };

  function keyOf({ session, node }: SinkRecord): string {
    return target.key === "session" ? session : node;
  }

  async function release(): Promise<void> {
    const released = producer;
    producer = undefined;
    await released?.close().catch(() => {}); // it is gone already
  }

  async function named(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof SinkError) throw error;
      throw new SinkError("ERR_SINK", `${brokers.join(", ")}: ${innermost(error)}`, { cause: error });
    }
  }
}

function toOptions({ brokers, tls, sasl }: KafkaTarget): object {
  return {
    clientId: "framegate",
    bootstrapBrokers: brokers,
    autocreateTopics: false,
    retries: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(tls !== false && { tls: tls === true ? {} : { ...tls, rejectUnauthorized: tls.verify } }),
    ...(tls !== false && { tlsServerName: typeof tls === "object" ? (tls.servername ?? true) : true }),
    ...(sasl && {
      sasl: { mechanism: sasl.mechanism, username: sasl.user, password: readSecret(sasl.password) },
    }),
  };
}

/** The library wraps what has happened, a few times. */
function innermost(error: unknown): string {
  const { message, cause, errors } = error as Error & { readonly errors?: readonly unknown[] };
  const inner = errors?.[0] ?? cause;
  return inner instanceof Error ? innermost(inner) : message;
}
