import { webcrypto } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { shareSandbox } from "../shared-sandbox.ts";
import { bodyOf, evaluate, type Fixture } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox({ limits: { messageTimeoutMs: 2000, asyncTimeoutMs: 20_000 } });

/** A policy that may import what this checkout has installed. */
async function useBundled(fixture: Fixture, name: string, contents: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents, loader: "ts", resolveDir: fileURLToPath(new URL("../../..", import.meta.url)) },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "__policy",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
  });
  const code = outputFiles[0]?.text ?? "";
  (await fixture.sandbox.prepare({ name, file: name, version: "1", code, sourceMap: "" })).commit();
}

for (const alg of ["HS256", "RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]) {
  test(`jose signs and verifies ${alg} in the sandbox`, async (t) => {
    const fixture = await useSandbox();
    await useBundled(
      fixture,
      alg,
      `import * as jose from "jose";
      export const client = async ({ content }) => {
        const alg = content.json();
        const secret = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
        const pair = alg === "HS256"
          ? { privateKey: secret, publicKey: secret }
          : await jose.generateKeyPair(alg, { extractable: true });
        const token = await new jose.SignJWT({ scope: "read" }).setProtectedHeader({ alg, kid: "1" })
          .setIssuer("me").setExpirationTime("1m").sign(pair.privateKey);
        const [h, p, s] = token.split(".");
        const wrong = h + "." + p + "." + (s.startsWith("A") ? "B" : "A") + s.slice(1);
        const jwk = await jose.exportJWK(pair.publicKey);
        const set = alg === "HS256" ? secret : jose.createLocalJWKSet({ keys: [{ ...jwk, alg, kid: "1", use: "sig" }] });
        const { payload } = await jose.jwtVerify(token, set, { issuer: "me" });
        const refused = await jose.jwtVerify(wrong, set).catch((error) => error.code);
        return { content: { body: { token, jwk, scope: payload.scope, refused } } };
      };`,
    );
    const { token, jwk, scope, refused } = bodyOf(await fixture.seat(alg).client(JSON.stringify(alg))) as {
      token: string;
      jwk: Record<string, unknown>;
      scope: string;
      refused: string;
    };
    t.is(scope, "read");
    t.is(refused, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    const { jwtVerify, importJWK } = await import("jose");
    const { payload } = await jwtVerify(token, await importJWK(jwk, alg));
    t.is(payload.iss, "me", "and what Node's own verifies");
  });
}

test("jose encrypts and decrypts in the sandbox", async (t) => {
  const fixture = await useSandbox();
  await useBundled(
    fixture,
    "jwe",
    `import * as jose from "jose";
    export const client = async ({ content }) => {
      const results = [];
      for (const [alg, enc] of [["dir", "A256GCM"], ["RSA-OAEP-256", "A128GCM"], ["ECDH-ES", "A256GCM"]]) {
        const pair = alg === "dir" ? undefined : await jose.generateKeyPair(alg);
        const secret = crypto.getRandomValues(new Uint8Array(32));
        const token = await new jose.CompactEncrypt(new TextEncoder().encode("plain")).setProtectedHeader({ alg, enc })
          .encrypt(pair?.publicKey ?? secret);
        const { plaintext } = await jose.compactDecrypt(token, pair?.privateKey ?? secret);
        results.push(new TextDecoder().decode(plaintext));
      }
      return { content: { body: results } };
    };`,
  );
  t.deepEqual(bodyOf(await fixture.seat("jwe").client("1")), ["plain", "plain", "plain"]);
});

test("keys are opaque, keep their usages, and are exported only when they may be", async (t) => {
  const fixture = await useSandbox();
  const seen = await evaluate(
    t,
    fixture,
    `(async () => {
      const tell = (promise) => promise.then((value) => value, (error) => error.name);
      const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      const data = new Uint8Array(3);
      return [
        key instanceof CryptoKey, key.type, key.extractable, key.usages, key.algorithm,
        await tell(crypto.subtle.exportKey("raw", key)),
        await tell(crypto.subtle.verify("HMAC", key, data, data)),
        await tell(crypto.subtle.sign("HMAC", { __proto__: CryptoKey.prototype }, data)),
        JSON.stringify(key), Object.isFrozen(key), (() => { try { new CryptoKey() } catch (error) { return error.name } })(),
        await tell(crypto.subtle.importKey("raw", data, "MD5", true, ["sign"])),
        await tell(crypto.subtle.generateKey({ name: "RSA-PSS", hash: "SHA-256", modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]) }, true, ["sign"])),
      ];
    })()`,
  );
  t.deepEqual(seen, [
    true,
    "secret",
    false,
    ["sign"],
    { name: "HMAC", hash: { name: "SHA-256" }, length: 512 },
    "InvalidAccessError",
    "InvalidAccessError",
    "TypeError",
    "{}",
    true,
    "TypeError",
    "NotSupportedError",
    "OperationError",
  ]);
});

test("importKey and exportKey know raw, jwk, pkcs8 and spki, and derive as Node does", async (t) => {
  const fixture = await useSandbox();
  const { subtle } = webcrypto;
  const pair = (await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const list = async (bytes: Promise<ArrayBuffer>) => JSON.stringify([...new Uint8Array(await bytes)]);
  const pkcs8 = await list(subtle.exportKey("pkcs8", pair.privateKey));
  const spki = await list(subtle.exportKey("spki", pair.publicKey));
  const password = await subtle.importKey("raw", Buffer.from("pw"), "PBKDF2", false, ["deriveBits"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt: Buffer.from("salt"), iterations: 1000 };
  const expected = Buffer.from(await subtle.deriveBits(pbkdf2, password, 128));
  const seen = await evaluate(
    t,
    fixture,
    `(async () => {
      const { subtle } = crypto;
      const ec = { name: "ECDSA", namedCurve: "P-256" };
      const data = new TextEncoder().encode("data");
      const own = await subtle.importKey("pkcs8", Uint8Array.from(${pkcs8}), ec, true, ["sign"]);
      const other = await subtle.importKey("spki", Uint8Array.from(${spki}).buffer, ec, true, ["verify"]);
      const again = await subtle.importKey("raw", await subtle.exportKey("raw", other), ec, true, ["verify"]);
      const algorithm = { name: "ECDSA", hash: { name: "SHA-256" } };
      const signature = await subtle.sign(algorithm, own, data);
      const aes = await subtle.importKey("jwk", { kty: "oct", k: "AAECAwQFBgcICQoLDA0ODw" }, "AES-GCM", true, ["encrypt", "decrypt"]);
      const gcm = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: data };
      const sealed = await subtle.encrypt(gcm, aes, data);
      const password = await subtle.importKey("raw", new TextEncoder().encode("pw"), "PBKDF2", false, ["deriveBits"]);
      const bits = await subtle.deriveBits(
        { name: "PBKDF2", hash: "SHA-256", salt: new TextEncoder().encode("salt"), iterations: 1000 }, password, 128);
      return [
        await subtle.verify(algorithm, again, signature, data),
        JSON.stringify([...new Uint8Array(await subtle.exportKey("pkcs8", own))]) === ${JSON.stringify(pkcs8)},
        JSON.stringify([...new Uint8Array(await subtle.exportKey("spki", other))]) === ${JSON.stringify(spki)},
        [...new Uint8Array(await subtle.exportKey("raw", aes))],
        new TextDecoder().decode(await subtle.decrypt(gcm, aes, sealed)),
        await subtle.decrypt({ ...gcm, iv: new Uint8Array(11) }, aes, sealed).catch((error) => error.name),
        [...new Uint8Array(bits)],
      ];
    })()`,
  );
  t.deepEqual(seen, [true, true, true, [...Array(16).keys()], "data", "OperationError", [...expected]]);
});
