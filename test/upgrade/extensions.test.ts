import test from "ava";
import { acceptExtensions, offerExtensions } from "../../core/upgrade/extensions.ts";

const pmd = "permessage-deflate";

test("nothing offered, nothing asked for", (t) => {
  t.is(offerExtensions(undefined, false), undefined);
  t.is(offerExtensions("", true), undefined);
  t.is(offerExtensions("x-webkit-deflate-frame, bzip", false), undefined);
});

test("offers of permessage-deflate go on, in order; other extensions end here", (t) => {
  const offers = `${pmd}; client_max_window_bits, other; a=1, ${pmd}; server_max_window_bits=10`;
  t.is(offerExtensions(offers, false), `${pmd}; client_max_window_bits, ${pmd}; server_max_window_bits=10`);
});

test("where policies read, the server is asked for messages that stand alone", (t) => {
  t.is(offerExtensions(pmd, true), `${pmd}; server_no_context_takeover`);
  t.is(
    offerExtensions(`${pmd}; server_no_context_takeover; client_max_window_bits, ${pmd}`, true),
    `${pmd}; server_no_context_takeover; client_max_window_bits, ${pmd}; server_no_context_takeover`,
  );
});

for (const parameters of [
  "unknown",
  "server_no_context_takeover=1",
  "client_no_context_takeover; client_no_context_takeover",
  "server_max_window_bits",
  "server_max_window_bits=7",
  "server_max_window_bits=16",
  "server_max_window_bits=08",
  "client_max_window_bits=x",
]) {
  test(`an offer that RFC 7692 section 7.1 rules out is passed over: ${parameters}`, (t) => {
    t.is(offerExtensions(`${pmd}; ${parameters}`, false), undefined);
    t.is(offerExtensions(`${pmd}; ${parameters}, ${pmd}`, false), pmd);
  });
}

test("a header that cannot be parsed is a SyntaxError", (t) => {
  t.throws(() => offerExtensions(`${pmd};;`, false), { instanceOf: SyntaxError });
});

const off = { header: undefined, deflate: {} };

test("a server that does not answer: no compression", (t) => {
  t.deepEqual(acceptExtensions(undefined, pmd, true), off);
  t.deepEqual(acceptExtensions(undefined, undefined, false), off);
});

test("the answer goes to the client as it came, and says how each direction is compressed", (t) => {
  const answer = `${pmd}; server_no_context_takeover; client_max_window_bits=9; server_max_window_bits=10`;
  t.deepEqual(acceptExtensions(answer, `${pmd}; client_max_window_bits`, false), {
    header: answer,
    deflate: {
      client: { noContextTakeover: false, windowBits: 9 },
      server: { noContextTakeover: true, windowBits: 10 },
    },
  });
});

test("where policies read, the client too is told to let messages stand alone", (t) => {
  const offered = offerExtensions(pmd, true);
  t.deepEqual(acceptExtensions(`${pmd}; server_no_context_takeover`, offered, true), {
    header: `${pmd}; server_no_context_takeover; client_no_context_takeover`,
    deflate: {
      client: { noContextTakeover: true, windowBits: 15 },
      server: { noContextTakeover: true, windowBits: 15 },
    },
  });
  t.is(acceptExtensions(pmd, offered, true), undefined);
});

const answers: readonly [answer: string, offer: string | undefined, isGood: boolean][] = [
  [pmd, pmd, true],
  [pmd, undefined, false],
  ["other", pmd, false],
  [`${pmd}, other`, pmd, false],
  [`${pmd}, ${pmd}`, pmd, false],
  [`${pmd};;`, pmd, false],
  [`${pmd}; unknown`, pmd, false],
  [`${pmd}; server_max_window_bits=12`, pmd, true],
  [`${pmd}; server_max_window_bits=12`, `${pmd}; server_max_window_bits=12`, true],
  [`${pmd}; server_max_window_bits=13`, `${pmd}; server_max_window_bits=12`, false],
  [pmd, `${pmd}; server_max_window_bits=12`, false],
  [pmd, `${pmd}; server_max_window_bits=12, ${pmd}`, true],
  [pmd, `${pmd}; server_no_context_takeover`, false],
  [`${pmd}; client_no_context_takeover`, pmd, true],
  [`${pmd}; client_max_window_bits=12`, pmd, false],
  [`${pmd}; client_max_window_bits=12`, `${pmd}; client_max_window_bits`, true],
  [`${pmd}; client_max_window_bits=12`, `${pmd}; client_max_window_bits=11`, false],
  [`${pmd}; client_max_window_bits=11`, `${pmd}; client_max_window_bits=11`, true],
  // In an answer the value may not be left out.
  [`${pmd}; client_max_window_bits`, `${pmd}; client_max_window_bits`, false],
];

for (const [answer, offer, isGood] of answers) {
  test(`${isGood ? "accepted" : "refused"}: "${answer}" to "${offer}"`, (t) => {
    t.is(acceptExtensions(answer, offer, false) !== undefined, isGood);
  });
}
