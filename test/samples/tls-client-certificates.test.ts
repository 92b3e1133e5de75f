import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { createGateway, createLogger, loadConfigFile } from "../../core/index.ts";
import { makeFolder } from "../config/folder.ts";
import { createCertificate } from "../support/certificate.ts";
import { connectClient, echo, startServer } from "../support/peers.ts";

const sample = fileURLToPath(new URL("../../samples/tls-client-certificates", import.meta.url));

test("samples/tls-client-certificates: a device gets in by the path of its own name", async (t) => {
  const dir = join(await makeFolder(t), "sample");
  await cp(sample, dir, { recursive: true });
  const serverCertificate = createCertificate();
  const authority = { ...createCertificate({ commonName: "clients" }), commonName: "clients" };
  await mkdir(join(dir, "certificates"), { recursive: true });
  await writeFile(join(dir, "certificates/server.crt"), serverCertificate.cert);
  await writeFile(join(dir, "certificates/server.key"), serverCertificate.key);
  await writeFile(join(dir, "certificates/clients-ca.crt"), authority.cert);

  const server = await startServer(t, echo);
  const config = await loadConfigFile(join(dir, "framegate.config.ts"), { upstreamOverride: server.url });
  const [listener] = config.listen;
  const gateway = await createGateway(
    {
      ...config,
      listen: [{ ...listener!, host: "127.0.0.1", port: 0 }],
      console: false,
      workers: 0,
      drain: { ...config.drain, spreadMs: 0 },
      sandbox: { ...config.sandbox, warmSpare: false },
    },
    { logger: createLogger({ level: "silent" }) },
  );
  t.teardown(() => gateway.stop());
  await gateway.start();

  const url = `wss://127.0.0.1:${gateway.addresses.listen[0]!.port}`;
  const ca = serverCertificate.cert;
  const device = createCertificate({ commonName: "pump-7", issuer: authority });
  const client = await connectClient(t, `${url}/devices/pump-7`, { ca, ...device });
  client.send("hello");
  t.is(await client.next(), "hello");
  t.is(server.requests[0]!.headers["x-device"], "pump-7");
  await t.throwsAsync(connectClient(t, `${url}/devices/pump-8`, { ca, ...device }), { message: /403/ });
  await t.throwsAsync(connectClient(t, `${url}/devices/pump-7`, { ca }));
});
