import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { installPack } from "../../policies/pack/install.ts";
import { loadPolicy } from "../../testing/index.ts";
import { makeFolder } from "../config/folder.ts";
import { makeCandidate } from "../policies/pack/packing.ts";
import { signShared } from "../standard/issuer.ts";

const secret = "0123456789abcdef0123456789abcdef";

test("a policy of the standard pack, by its name", async (t) => {
  const policy = await loadPolicy("@framegate/standard/jwt", {
    options: { algorithms: ["HS256"], secret: "KEY", issuer: "https://issuer.test" },
    secrets: { KEY: secret },
  });
  t.is(policy.name, "@framegate/standard/jwt");
  const authorization = `Bearer ${await signShared(secret)}`;
  t.like(await policy.upgrade({ headers: { authorization } }), {
    accepted: true,
    attributes: { user: "ada" },
  });
  t.is((await policy.upgrade()).status, 401);
  await t.throwsAsync(
    loadPolicy("@framegate/standard/jwt", { options: { issuer: "a", secret: "KEY", algorithms: ["none"] } }),
    { message: /^policy "@framegate\/standard\/jwt": option `algorithms\[0\]`: expected "HS256" or/ },
  );
});

test("a policy of an installed pack, as the lock names it", async (t) => {
  const dir = join(await makeFolder(t), "policies");
  await mkdir(dir);
  const count = `export const capabilities = { kv: true };
    export const optionsSchema = { type: "object", properties: { by: { type: "integer", default: 2 } } };
    export const client = async ({ kv, options }) => ({ content: { body: await kv.increment("n", options.by) } });`;
  await installPack(dir, await makeCandidate(t, { policies: { count } }));
  const policies = pathToFileURL(dir);
  const policy = await loadPolicy("@acme/guard/count", { policies });
  t.is((await policy.client("x")).json(), 2);
  t.is((await policy.client("x")).json(), 4);

  await t.throwsAsync(loadPolicy("@acme/guard/cuont", { policies }), {
    message: /no policy "@acme\/guard\/cuont".*; did you mean "@acme\/guard\/count"\?$/,
  });
  await appendFile(join(dir, ".packs/@acme/guard/dist/count.js"), "//");
  await t.throwsAsync(loadPolicy("@acme/guard/count", { policies }), { code: "ERR_PACK_TAMPERED" });
});

test("a pack that is not there says where it was looked for", async (t) => {
  await t.throwsAsync(loadPolicy("@acme/guard/count", { policies: "nowhere" }), {
    message:
      /looked for below nowhere\); the pack @acme\/guard is not installed: `framegate add @acme\/guard`$/,
  });
  await t.throwsAsync(loadPolicy("@framegate/standard/jtw"), {
    message: 'there is no policy "@framegate/standard/jtw"; did you mean "@framegate/standard/jwt"?',
  });
});
