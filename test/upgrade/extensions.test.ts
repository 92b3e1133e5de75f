import test from "ava";
import {
  acceptExtensions,
  answerExtensions,
  offerExtensions,
  offerOwn,
} from "../../core/upgrade/extensions.ts";
import type { LegDeflate } from "../../core/wire/deflate.ts";

const pmd = "permessage-deflate";

const free = {
  clientContextTakeover: true,
  serverContextTakeover: true,
  clientMaxWindowBits: 15,
  serverMaxWindowBits: 15,
};
const alone = { ...free, clientContextTakeover: false, serverContextTakeover: false };
const narrow = { ...free, clientMaxWindowBits: 11, serverMaxWindowBits: 12 };

test("nothing offered, nothing asked for", (t) => {
  t.is(offerExtensions(undefined, free), undefined);
  t.is(offerExtensions("", alone), undefined);
  t.is(offerExtensions("x-webkit-deflate-frame, bzip", free), undefined);
});

test("offers of permessage-deflate go on, in order; other extensions end here", (t) => {
  const offers = `${pmd}; client_max_window_bits, other; a=1, ${pmd}; server_max_window_bits=10`;
  t.is(offerExtensions(offers, free), `${pmd}; client_max_window_bits, ${pmd}; server_max_window_bits=10`);
});

test("where policies read, the server is asked for messages that stand alone", (t) => {
  t.is(offerExtensions(pmd, alone), `${pmd}; server_no_context_takeover`);
  t.is(
    offerExtensions(`${pmd}; server_no_context_takeover; client_max_window_bits, ${pmd}`, alone),
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
    t.is(offerExtensions(`${pmd}; ${parameters}`, free), undefined);
    t.is(offerExtensions(`${pmd}; ${parameters}, ${pmd}`, free), pmd);
  });
}

test("a header that cannot be parsed is a SyntaxError", (t) => {
  t.throws(() => offerExtensions(`${pmd};;`, free), { instanceOf: SyntaxError });
});

const off = { header: undefined, deflate: {} };

test("a server that does not answer: no compression", (t) => {
  t.deepEqual(acceptExtensions(undefined, pmd, alone), off);
  t.deepEqual(acceptExtensions(undefined, undefined, free), off);
});

test("the answer goes to the client as it came, and says how each direction is compressed", (t) => {
  const answer = `${pmd}; server_no_context_takeover; client_max_window_bits=9; server_max_window_bits=10`;
  t.deepEqual(acceptExtensions(answer, `${pmd}; client_max_window_bits`, free), {
    header: answer,
    deflate: onBoth({
      client: { noContextTakeover: false, windowBits: 9 },
      server: { noContextTakeover: true, windowBits: 10 },
    }),
  });
});

test("where policies read, the client too is told to let messages stand alone", (t) => {
  const offered = offerExtensions(pmd, alone);
  t.deepEqual(acceptExtensions(`${pmd}; server_no_context_takeover`, offered, alone), {
    header: `${pmd}; server_no_context_takeover; client_no_context_takeover`,
    deflate: onBoth({
      client: { noContextTakeover: true, windowBits: 15 },
      server: { noContextTakeover: true, windowBits: 15 },
    }),
  });
});

test("a server that keeps its context though asked not to: between it and the gateway, and the client hears what it was to hear", (t) => {
  const shared = { noContextTakeover: true, windowBits: 15 };
  for (const [offers, wanted] of [
    [pmd, alone],
    [`${pmd}; server_no_context_takeover`, free],
  ] as const) {
    const accepted = acceptExtensions(pmd, offerExtensions(offers, wanted), wanted);
    t.regex(accepted?.header ?? "", /server_no_context_takeover/);
    t.deepEqual(accepted?.deflate.client?.server, shared);
    t.deepEqual(accepted?.deflate.server?.server, { ...shared, noContextTakeover: false });
    t.deepEqual(accepted?.deflate.client?.client, accepted?.deflate.server?.client);
  }
  const either = `${pmd}; server_no_context_takeover, ${pmd}`;
  t.is(acceptExtensions(pmd, either, free)?.header, pmd, "where it may, it does as it was asked");
});

test("windows are narrowed in what the server is offered; offers that leave no room are passed over", (t) => {
  const offers = `${pmd}, ${pmd}; client_max_window_bits, ${pmd}; client_max_window_bits=9; server_max_window_bits=14`;
  t.is(
    offerExtensions(offers, narrow),
    `${pmd}; client_max_window_bits=11; server_max_window_bits=12, ` +
      `${pmd}; client_max_window_bits=9; server_max_window_bits=12`,
  );
});

test("a client is told of its narrow window though the server does not ask for it", (t) => {
  const offered = offerExtensions(`${pmd}; client_max_window_bits`, narrow);
  const accepted = acceptExtensions(`${pmd}; server_max_window_bits=10`, offered, narrow);
  t.deepEqual(accepted, {
    header: `${pmd}; server_max_window_bits=10; client_max_window_bits=11`,
    deflate: onBoth({
      client: { noContextTakeover: false, windowBits: 11 },
      server: { noContextTakeover: false, windowBits: 10 },
    }),
  });
  t.is(acceptExtensions(pmd, offered, narrow), undefined);
});

test("the gateway's own offer", (t) => {
  t.is(
    offerOwn(alone),
    `${pmd}; client_no_context_takeover; client_max_window_bits; server_no_context_takeover`,
  );
  t.is(
    offerOwn({ ...narrow, serverContextTakeover: false }),
    `${pmd}; client_no_context_takeover; client_max_window_bits=11; server_no_context_takeover; server_max_window_bits=12`,
  );
});

const ownAnswers: readonly [offer: string | undefined, wanted: typeof free, answer: string | undefined][] = [
  [undefined, alone, undefined],
  ["other", alone, undefined],
  [pmd, alone, `${pmd}; server_no_context_takeover; client_no_context_takeover`],
  [
    `${pmd}; client_max_window_bits; server_max_window_bits=10`,
    alone,
    `${pmd}; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover`,
  ],
  [pmd, { ...narrow, ...alone, clientMaxWindowBits: 11 }, undefined],
  [
    `${pmd}, ${pmd}; client_max_window_bits=10`,
    { ...alone, clientMaxWindowBits: 11 },
    `${pmd}; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=10`,
  ],
];

for (const [offer, wanted, answer] of ownAnswers) {
  test(`the gateway's own answer to "${offer}" within ${wanted.clientMaxWindowBits} bits`, (t) => {
    const { header, deflate } = answerExtensions(offer, wanted);
    t.is(header, answer);
    t.is(deflate.server, undefined);
    t.is(deflate.client?.client.noContextTakeover, answer === undefined ? undefined : true);
  });
}

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
  [pmd, `${pmd}; server_no_context_takeover`, true],
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
    t.is(acceptExtensions(answer, offer, free) !== undefined, isGood);
  });
}

function onBoth(leg: LegDeflate): { client: LegDeflate; server: LegDeflate } {
  return { client: leg, server: leg };
}
