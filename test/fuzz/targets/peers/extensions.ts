import assert from "node:assert/strict";
import fc from "fast-check";
import type { CompressionConfig } from "../../../../core/config/index.ts";
import { offerSubprotocols } from "../../../../core/request/subprotocols.ts";
import { negotiate } from "../../../../core/upgrade/compression.ts";
import { wordsOf } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";

const isSyntaxError = (error: unknown) => error instanceof SyntaxError;
const NAME = "permessage-deflate";

const headers = fc.oneof(
  wordsOf(
    ...[
      NAME,
      NAME,
      "; ",
      ", ",
      "=",
      '"',
      "client_max_window_bits",
      "server_max_window_bits",
      "8",
      "15",
      "16",
    ],
    ...[
      "client_no_context_takeover",
      "server_no_context_takeover",
      "x-webkit-deflate-frame",
      "__proto__",
      "\\",
    ],
  ),
  fc
    .subarray([
      "client_max_window_bits",
      "client_max_window_bits=10",
      "server_max_window_bits=9",
      "client_no_context_takeover",
      "server_no_context_takeover",
    ])
    .map((parameters) => [NAME, ...parameters].join("; ")),
);

interface Input {
  readonly header: string;
  readonly answer: string;
  readonly config: Omit<CompressionConfig, "legs"> & { readonly legs: CompressionConfig["legs"] };
  readonly standAlone: boolean;
}

const bits = fc.integer({ min: 9, max: 15 });

/** Sec-WebSocket-Extensions both ways: an answer is taken when it fits, and both legs are then of a window that there is. */
export const extensionFields = defineTarget<Input>({
  name: "extensions",
  inputs: fc.record({
    header: headers,
    answer: headers,
    config: fc.record({
      legs: fc.record({ client: fc.boolean(), server: fc.boolean() }),
      maxRatio: fc.constantFrom(0, 100),
      clientContextTakeover: fc.boolean(),
      serverContextTakeover: fc.boolean(),
      clientMaxWindowBits: bits,
      serverMaxWindowBits: bits,
    }) as unknown as fc.Arbitrary<Input["config"]>,
    standAlone: fc.boolean(),
  }),
  runs: 600,
  check({ header, answer, config, standAlone }) {
    const negotiation = attempt(() => negotiate(header, config, standAlone), isSyntaxError);
    if (negotiation === undefined) return "refused";
    const { offer, accept } = negotiation.value;
    if (offer !== undefined) assert.doesNotThrow(() => negotiate(offer, config, standAlone));
    const accepted = accept(answer);
    if (accepted === undefined) return "the answer is refused";
    for (const leg of [accepted.deflate.client, accepted.deflate.server]) {
      if (leg === undefined) continue;
      for (const { windowBits } of [leg.client, leg.server]) assert.ok(windowBits >= 8 && windowBits <= 15);
    }
    if (accepted.header !== undefined)
      assert.match(accepted.header, /^permessage-deflate(; [a-z_]+(=\d+)?)*$/);
    return accepted.header === undefined ? "no extension" : "agreed";
  },
});

/** Sec-WebSocket-Protocol: of what was offered, each once. */
export const subprotocolField = defineTarget<{
  readonly header: string;
  readonly allow: readonly string[];
  readonly prefer: readonly string[];
}>({
  name: "subprotocols",
  inputs: fc.record({
    header: wordsOf("chat", "v1", ", ", ",", " ", "\t", '"', "\u00e4", "chat.v2"),
    allow: fc.subarray(["chat", "v1", "chat.v2"]),
    prefer: fc.subarray(["v1", "chat.v2"]),
  }),
  runs: 600,
  check({ header, allow, prefer }) {
    const found = attempt(
      () => offerSubprotocols(header, { allow, prefer, isRequired: true }),
      isSyntaxError,
    );
    if (found === undefined) return "refused";
    const names = found.value ?? [];
    assert.deepEqual([...new Set(names)], names);
    for (const name of names) assert.ok(header.includes(name) && allow.includes(name), name);
    return names.length === 0 ? "none left" : "offered";
  },
});
