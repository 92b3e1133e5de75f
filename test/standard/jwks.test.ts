import test from "ava";
import { jwtVerify } from "jose";
import { createRemoteKeys } from "../../policies/standard/lib/jwks.ts";
import { startIssuer } from "./issuer.ts";

const MINUTE = 60_000;

test.serial(
  "a rotated key is found, keys that get old are fetched anew, and for a while none need be there",
  async (t) => {
    const realNow = Date.now;
    t.teardown(() => {
      Date.now = realNow;
    });
    let now = realNow();
    Date.now = () => now;
    const issuer = await startIssuer(t);
    const keys = createRemoteKeys(issuer.url);
    const verify = async () => {
      const { payload } = await jwtVerify(await issuer.sign(), keys);
      return payload.sub;
    };

    t.is(await verify(), "ada");
    await issuer.rotate();
    await t.throwsAsync(verify(), { code: "ERR_JWKS_NO_MATCHING_KEY" });
    t.is(issuer.fetches, 1);
    now += MINUTE;
    t.is(await verify(), "ada");
    t.is(issuer.fetches, 2);
    await Promise.all([verify(), verify()]);
    t.is(issuer.fetches, 2);
    now += 11 * MINUTE;
    await Promise.all([verify(), verify()]);
    t.is(issuer.fetches, 3);

    issuer.fail();
    now += 20 * MINUTE;
    t.is(await verify(), "ada");
    t.is(await verify(), "ada");
    t.is(issuer.fetches, 4, "what has failed is not tried at once again");
    now += 50 * MINUTE;
    await t.throwsAsync(verify(), { message: /answered 503; expected 200 and a JWKS/ });
  },
);
