import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { connectClient, echo, startServer } from "../support/peers/peers.ts";
import { startSample } from "../support/sample.ts";
import { createCertificate } from "../support/servers/certificate.ts";

test("samples/tls-client-certificates: a device gets in by the path of its own name", async (t) => {
  const serverCertificate = createCertificate();
  const authority = { ...createCertificate({ commonName: "clients" }), commonName: "clients" };
  const server = await startServer(t, echo);
  const [port] = await startSample(t, "tls-client-certificates", {
    upstreamOverride: server.url,
    async prepare(dir) {
      await mkdir(join(dir, "certificates"), { recursive: true });
      await writeFile(join(dir, "certificates/server.crt"), serverCertificate.cert);
      await writeFile(join(dir, "certificates/server.key"), serverCertificate.key);
      await writeFile(join(dir, "certificates/clients-ca.crt"), authority.cert);
    },
  });

  const url = `wss://127.0.0.1:${port}`;
  const ca = serverCertificate.cert;
  const device = createCertificate({ commonName: "pump-7", issuer: authority });
  const client = await connectClient(t, `${url}/devices/pump-7`, { ca, ...device });
  client.send("hello");
  t.is(await client.next(), "hello");
  t.is(server.requests[0]!.headers["x-device"], "pump-7");
  await t.throwsAsync(connectClient(t, `${url}/devices/pump-8`, { ca, ...device }), { message: /403/ });
  await t.throwsAsync(connectClient(t, `${url}/devices/pump-7`, { ca }));
});
