import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import {
  decodeChunks,
  MAX_REFUSAL_BYTES,
  readRefusalBody,
} from "../../../core/upstream/dial/refusal-body.ts";
import { cut } from "../../wire/frames.ts";

test("property: chunks of any size, and any part of them that has come", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.nat(),
      (body, cuts, at) => {
        const whole = Buffer.from(body);
        const chunks = cut(whole, cuts).filter((chunk) => chunk.length > 0);
        const coded = Buffer.concat([
          ...chunks.flatMap((chunk, index) => [
            Buffer.from(
              `${chunk.length.toString(16).toUpperCase()}${["", ";a=b", " ; c", "  "][index % 4]}\r\n`,
            ),
            chunk,
            Buffer.from("\r\n"),
          ]),
          Buffer.from("0\r\nTrailer: x\r\n\r\n"),
        ]);
        t.deepEqual(decodeChunks(coded), { body: whole, isComplete: true });
        const part = decodeChunks(coded.subarray(0, at % coded.length));
        t.true(whole.subarray(0, part.body.length).equals(part.body));
      },
    ),
  );
});

test("broken chunks end the body", (t) => {
  const decode = (text: string) => {
    const { body, isComplete } = decodeChunks(Buffer.from(text));
    return [body.toString(), isComplete];
  };
  t.deepEqual(decode("2\r\nab\r\nxyz\r\n"), ["ab", true]);
  t.deepEqual(decode("-1\r\nab\r\n"), ["", true]);
  t.deepEqual(decode("0x2\r\nab\r\n"), ["", true]);
  t.deepEqual(decode("5\r\nab"), ["ab", false]);
});

/** The body of a refusal whose fields and bytes are these, over a real socket that the server leaves open. */
async function read(
  t: ExecutionContext,
  headers: readonly (readonly [string, string])[],
  parts: readonly string[],
  { status = 403, end = false, timeoutMs = 60_000 } = {},
): Promise<string> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [peer] = (await once(server, "connection")) as [Socket];
  peer.on("error", () => {});
  t.teardown(() => server.close());
  const [rest = "", ...later] = parts;
  const body = readRefusalBody(
    { socket, head: { status, statusText: "", headers }, rest: Buffer.from(rest) },
    timeoutMs,
  );
  for (const part of later) peer.write(part);
  if (end) peer.end();
  const bytes = await body;
  t.true(socket.destroyed);
  return bytes.toString();
}

test("as long as announced, however it comes", async (t) => {
  t.is(await read(t, [["Content-Length", "5"]], ["he", "llo and more"]), "hello");
  t.is(await read(t, [["Content-Length", "0"]], [""]), "");
});

test("until the server ends, where nothing is announced, or what makes no sense", async (t) => {
  t.is(await read(t, [], ["he", "llo"], { end: true }), "hello");
  t.is(await read(t, [["Content-Length", "-3"]], ["he", "llo"], { end: true }), "hello");
});

test("until the last chunk; a length beside chunks does not count", async (t) => {
  const headers = [["Transfer-Encoding", "chunked"]] as const;
  t.is(await read(t, headers, ["2\r\nhe\r\n3\r", "\nllo\r\n0\r\n\r\n"]), "hello");
  t.is(await read(t, [...headers, ["Content-Length", "2"]], ["5\r\nhello\r\n", "0\r\n\r\n"]), "hello");
});

test("what has come by the timeout, and no more than the limit", async (t) => {
  t.is(await read(t, [["Content-Length", "9"]], ["hel"], { timeoutMs: 20 }), "hel");
  const length = String(MAX_REFUSAL_BYTES * 4);
  t.is(
    (await read(t, [["Content-Length", length]], ["", "x".repeat(MAX_REFUSAL_BYTES * 2)])).length,
    MAX_REFUSAL_BYTES,
  );
});

test("a status without a body is not waited for", async (t) => {
  t.is(await read(t, [["Content-Length", "5"]], [""], { status: 304 }), "");
});
