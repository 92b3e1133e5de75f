import test from "ava";
import { resolveConfig } from "../../../core/config/index.ts";
import { makeKeys, readPublicKey } from "../../../policies/pack/signature.ts";

test("keys are taken in each form, and compared in one", (t) => {
  const { publicKey } = makeKeys();
  const pem = readPublicKey(publicKey).key.export({ type: "spki", format: "pem" }) as string;
  const keys = { bare: publicKey.slice("ed25519:".length), pem, whole: publicKey };
  t.deepEqual(resolveConfig({ packs: { require: "signed", keys } }, { dir: "/" }).packs, {
    require: "signed",
    keys: { bare: publicKey, pem: publicKey, whole: publicKey },
    frozen: false,
    isolation: "pack",
  });
});

test("what is no key is a problem of the config", (t) => {
  const expected =
    'packs.keys.acme: expected a public key such as `framegate pack keygen` prints: "ed25519:" and 44 characters of base64, got "ed25519:abc"';
  const error = t.throws(() => resolveConfig({ packs: { keys: { acme: "ed25519:abc" } } }, { dir: "/" }));
  t.true(error.message.includes(expected), error.message);
  t.throws(() => resolveConfig({ packs: { require: "all" } }, { dir: "/" }), {
    message: /expected one of "signed", "locked", "none"/,
  });
  t.throws(() => resolveConfig({ packs: { require: "signed" } }, { dir: "/" }), {
    message:
      /packs\.require: expected a key of those who sign below packs\.keys beside "signed", got none: no pack could ever be taken/,
  });
});
