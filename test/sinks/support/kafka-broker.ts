import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Reader, readRecordsBatch, Writer } from "@platformatic/kafka";
import type { ExecutionContext } from "ava";

export interface KafkaBroker {
  readonly address: string;
  /** In the order of the only partition. */
  readonly messages: { readonly key: string; readonly value: string }[];
  stop(): Promise<void>;
  start(): Promise<void>;
}

const PRODUCE = 0;
const METADATA = 3;
const API_VERSIONS = 18;
const UNKNOWN_TOPIC = 3;

/** As much of a broker as a producer asks for, over real sockets (https://kafka.apache.org/protocol): one topic, one partition. */
export async function startKafkaBroker(
  t: Pick<ExecutionContext, "teardown">,
  topic: string,
): Promise<KafkaBroker> {
  const messages: KafkaBroker["messages"] = [];
  const sockets = new Set<Socket>();
  let port = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    let waiting: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE()) {
        const size = waiting.readInt32BE();
        socket.write(answer(waiting.subarray(4, 4 + size)));
        waiting = waiting.subarray(4 + size);
      }
    });
  });
  const start = async () => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await start();
  t.teardown(stop);
  return { address: `127.0.0.1:${port}`, messages, stop, start };

  function answer(request: Buffer): Buffer {
    const reader = Reader.from(request);
    const api = reader.readInt16();
    reader.readInt16();
    const writer = Writer.create().appendInt32(reader.readInt32());
    reader.readNullableString(false);
    if (api === API_VERSIONS) writeVersions(writer);
    else if (api === METADATA) writeMetadata(writer, reader);
    else if (api === PRODUCE) produce(writer, reader);
    else throw new Error(`nobody should ask for ${api}`);
    return writer.prependLength().buffer;
  }

  /** The last versions that are not flexible. */
  function writeVersions(writer: Writer): void {
    const versions = [
      [PRODUCE, 3, 8],
      [METADATA, 1, 8],
      [API_VERSIONS, 0, 3],
    ] as const;
    writer.appendInt16(0);
    writer.appendArray([...versions], (each, [key, min, max]) => {
      each.appendInt16(key).appendInt16(min).appendInt16(max);
    });
    writer.appendInt32(0).appendTaggedFields();
  }

  function writeMetadata(writer: Writer, reader: Reader): void {
    const asked = reader.readNullableArray(() => reader.readString(false), false, false) ?? [];
    writer.appendInt32(0);
    writer.appendArray(
      [1],
      (each) => {
        each.appendInt32(1).appendString("127.0.0.1", false).appendInt32(port).appendString(null, false);
      },
      false,
      false,
    );
    writer.appendString("stand-in", false).appendInt32(1);
    writer.appendArray(
      asked,
      (each, name) => {
        each
          .appendInt16(name === topic ? 0 : UNKNOWN_TOPIC)
          .appendString(name, false)
          .appendBoolean(false);
        each.appendArray(
          name === topic ? [0] : [],
          (partition, index) => {
            partition.appendInt16(0).appendInt32(index).appendInt32(1).appendInt32(0);
            for (const nodes of [[1], [1], []])
              partition.appendArray(nodes, (node, id) => void node.appendInt32(id), false, false);
          },
          false,
          false,
        );
        each.appendInt32(0);
      },
      false,
      false,
    );
    writer.appendInt32(0);
  }

  function produce(writer: Writer, reader: Reader): void {
    reader.readNullableString(false);
    const acks = reader.readInt16();
    if (acks !== -1) throw new Error(`acks: ${acks}`);
    reader.readInt32();
    const topics = reader.readArray(
      () => {
        const name = reader.readString(false);
        const partitions = reader.readArray(
          () => {
            const index = reader.readInt32();
            const offset = messages.length;
            const { records } = readRecordsBatch(Reader.from(reader.readBytes(false)));
            for (const { key, value } of records) messages.push({ key: String(key), value: String(value) });
            return { index, offset };
          },
          false,
          false,
        );
        return { name, partitions };
      },
      false,
      false,
    );
    writer.appendArray(
      topics,
      (each, { name, partitions }) => {
        each.appendString(name, false);
        each.appendArray(
          partitions,
          (partition, { index, offset }) => {
            partition
              .appendInt32(index)
              .appendInt16(0)
              .appendInt64(BigInt(offset))
              .appendInt64(-1n)
              .appendInt64(0n);
            partition.appendArray([], () => {}, false, false).appendString(null, false);
          },
          false,
          false,
        );
      },
      false,
      false,
    );
    writer.appendInt32(0);
  }
}
