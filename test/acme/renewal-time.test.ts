import { createPrivateKey, verify } from "node:crypto";
import test from "ava";
import { readAccountKey } from "../../core/acme/account-key.ts";
import { makePrivateKey } from "../../core/acme/certificate-folder.ts";
import { renewalTime, retryDelay } from "../../core/acme/renewal-time.ts";

test("a certificate is renewed with about a third of its life left, not all at once", (t) => {
  const life = { notBefore: 0, notAfter: 90 };
  t.deepEqual(
    [0, 1].map((random) => renewalTime(life, random)),
    [60, 57],
  );
});

test("a failure is tried again later each time, and every few hours at the latest", (t) => {
  const minutes = [1, 2, 3, 4, 20, 2000].map((failures) => retryDelay(failures, 0) / 60_000);
  t.deepEqual(minutes, [5, 10, 20, 40, 360, 360]);
  t.is(retryDelay(1, 1) / 60_000, 2.5);
});

test("an account is known by its key: what it signs, another can verify", (t) => {
  const pem = makePrivateKey();
  const account = readAccountKey(pem);
  const jws = JSON.parse(account.sign({ nonce: "n", url: "u" }, undefined));
  t.deepEqual(JSON.parse(Buffer.from(jws.protected, "base64url").toString()), {
    alg: "ES256",
    nonce: "n",
    url: "u",
  });
  t.is(jws.payload, "");
  const key = { key: createPrivateKey(pem), dsaEncoding: "ieee-p1363" } as const;
  const signature = Buffer.from(jws.signature, "base64url");
  t.true(verify("sha256", Buffer.from(`${jws.protected}.`), key, signature));
  // RFC 7638, 3.3: members in the order of their names.
  t.deepEqual(Object.keys(account.jwk), ["crv", "kty", "x", "y"]);
});
