import { DENIED, type PackageCase } from "../package-case.ts";

const PROTO = "message Order { optional string sku = 1; }";

export const encodings: readonly PackageCase[] = [
  {
    name: "cbor-x",
    use: "CBOR",
    imports: 'import { decode, encode } from "cbor-x";',
    calls: [
      ["[...encode({ a: [1, 'é'], b: true })].length > 5", true],
      [
        "decode(encode({ a: [1, -2.5, 'é'.repeat(100)], b: null }))",
        { a: [1, -2.5, "é".repeat(100)], b: null },
      ],
      ["[...decode(encode({ raw: Uint8Array.of(1, 2, 3) })).raw]", [1, 2, 3]],
    ],
  },
  {
    name: "msgpackr",
    use: "MessagePack",
    imports: 'import { Packr, pack, unpack } from "msgpackr";',
    calls: [
      [
        "unpack(pack({ a: [1, -2.5, 'é'.repeat(100)], b: null }))",
        { a: [1, -2.5, "é".repeat(100)], b: null },
      ],
      ["[...unpack(pack({ raw: Uint8Array.of(1, 2, 3) })).raw]", [1, 2, 3]],
      [
        "(() => { const records = new Packr({ structures: [] }); return records.unpack(records.pack([{ a: 1 }, { a: 2 }])); })()",
        [{ a: 1 }, { a: 2 }],
      ],
    ],
  },
  {
    name: "@msgpack/msgpack",
    use: "MessagePack",
    imports: 'import { decode, decodeMulti, encode } from "@msgpack/msgpack";',
    calls: [
      [
        "decode(encode({ a: [1, -2.5, 'é'.repeat(100)], b: null }))",
        { a: [1, -2.5, "é".repeat(100)], b: null },
      ],
      ["[...decode(encode(Uint8Array.of(1, 2, 3)))]", [1, 2, 3]],
      ["[...decodeMulti(Uint8Array.of(1, 2))]", [1, 2]],
    ],
  },
  {
    name: "protobufjs",
    use: "Protocol Buffers",
    imports: 'import protobuf from "protobufjs";\nimport { Reader, Writer } from "protobufjs/minimal.js";',
    calls: [
      [`protobuf.parse('${PROTO}').root.lookupType("Order").verify({ sku: 1 })`, DENIED],
      [
        "(() => { const reader = Reader.create(Writer.create().uint32(8).int64(7).uint32(18).string('é').finish()); return [reader.uint32(), Number(reader.int64()), reader.uint32(), reader.string()]; })()",
        [8, 7, 18, "é"],
      ],
      [
        "Object.keys(protobuf.parse('message Order { optional int64 id = 1; }').root.lookup('Order').fields)",
        ["id"],
      ],
    ],
    limit: "a type that is loaded at run time makes code from strings",
    note: "let `pbjs --target static-module` write code, which needs `protobufjs/minimal` only; or use `@bufbuild/protobuf`",
  },
  {
    name: "@bufbuild/protobuf",
    use: "Protocol Buffers by code that `protoc-gen-es` has written",
    imports:
      'import { create, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";\nimport { TimestampSchema, timestampFromMs, ValueSchema } from "@bufbuild/protobuf/wkt";',
    calls: [
      [
        "toJson(TimestampSchema, fromBinary(TimestampSchema, toBinary(TimestampSchema, timestampFromMs(1500))))",
        "1970-01-01T00:00:01.500Z",
      ],
      ["toJson(ValueSchema, fromJson(ValueSchema, { a: [1, 'é', null] }))", { a: [1, "é", null] }],
      ["[...toBinary(TimestampSchema, create(TimestampSchema, { seconds: 3n }))]", [8, 3]],
    ],
  },
  {
    name: "mqtt-packet",
    use: "MQTT",
    imports: 'import { Buffer } from "buffer";\nimport { generate, parser } from "mqtt-packet";',
    calls: [
      [
        "[...generate({ cmd: 'publish', topic: 'a/b', payload: 'hi', qos: 0, dup: false, retain: false })]",
        [48, 7, 0, 3, 97, 47, 98, 104, 105],
      ],
      [
        "(() => { const seen = []; const reading = parser({ protocolVersion: 4 }); reading.on('packet', ({ cmd, topic, payload }) => seen.push([cmd, topic, [...payload]])); reading.parse(Buffer.from([48, 7, 0, 3, 97, 47, 98, 104, 105])); return seen; })()",
        [["publish", "a/b", [104, 105]]],
      ],
      [
        "[...generate({ cmd: 'publish', topic: 'a', payload: Buffer.from('ff00', 'hex'), qos: 0, dup: false, retain: false })]",
        [48, 5, 0, 1, 97, 255, 0],
      ],
    ],
    note: "the [lens `mqtt`](lenses/mqtt.md) has it, and one hook a packet",
  },
  {
    name: "buffer",
    use: "Node's `Buffer`, where a package asks for it",
    imports: 'import { Buffer } from "buffer";',
    calls: [
      ["Buffer.from('héllo').toString('base64')", "aMOpbGxv"],
      ["Buffer.concat([Buffer.from('6869', 'hex'), Buffer.alloc(2, 'x')]).toString()", "hixx"],
      [
        "(() => { const b = Buffer.alloc(8); b.writeUInt16BE(513, 0); b.fill(1, 2, 4); return [b.readInt32BE(0), b.indexOf(1, 2), b.includes(9), b.slice(0, 2).equals(Buffer.from([2, 1])), b.toJSON().type]; })()",
        [33620225, 2, false, true, "Buffer"],
      ],
    ],
  },
  {
    name: "fflate",
    use: "gzip, deflate and ZIP",
    imports: 'import { gunzipSync, gzip, gzipSync, strFromU8, strToU8, unzipSync, zipSync } from "fflate";',
    calls: [
      ["strFromU8(gunzipSync(gzipSync(strToU8('é'.repeat(1000)))))", "é".repeat(1000)],
      ["gzipSync(strToU8('x'.repeat(1000))).length < 60", true],
      [
        "new Promise((resolve, reject) => gzip(strToU8('a'), (error, bytes) => (error ? reject(error) : resolve(bytes))))",
        "ReferenceError: Worker is not defined",
      ],
      ["Object.keys(unzipSync(zipSync({ 'a.txt': strToU8('a') })))", ["a.txt"]],
    ],
    limit: "what works in the background (`gzip`, `zip`) needs a `Worker`",
    note: "call those whose names end in `Sync`",
  },
];
