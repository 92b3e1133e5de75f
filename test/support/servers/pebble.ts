import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { eventually } from "../eventually.ts";
import { createCertificate } from "./certificate.ts";
import { quietPorts } from "./quiet-ports.ts";

export interface TestAuthority {
  readonly directory: string;
  /** File of who has signed the certificate of the directory. */
  readonly ca: string;
  /** PEM of who signs the certificates that it gives. */
  readonly root: string;
  kill(): Promise<void>;
  stop(): void;
}

/** Let's Encrypt's own authority for tests. Every name leads to 127.0.0.1, and it asks there at `httpPort`. */
export async function startPebble(httpPort: number): Promise<TestAuthority> {
  const folder = mkdtempSync(join(tmpdir(), "framegate-pebble-"));
  const [port, managementPort, dnsPort, dnsManagementPort] = await quietPorts(4);
  const { cert, key } = createCertificate();
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key);
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: join(folder, "cert.pem"),
    privateKey: join(folder, "key.pem"),
    httpPort,
    tlsPort: 5001,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ pebble: config }));
  const names = spawn(
    "pebble-challtestsrv",
    [
      ...["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
      ...["-dns01", `127.0.0.1:${dnsPort}`, "-management", `127.0.0.1:${dnsManagementPort}`],
    ],
    { stdio: "ignore" },
  );
  // One nonce of ten is refused, as it may be.
  const env = { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "10" };
  const args = ["-config", join(folder, "config.json"), "-dnsserver", `127.0.0.1:${dnsPort}`];
  const pebble = spawn("pebble", args, { stdio: "ignore", cwd: folder, env });
  const roots = `https://127.0.0.1:${managementPort}/roots/0`;
  let root = "";
  await eventually("pebble answers", async () => {
    root = await read(roots, cert).catch(() => "");
    return root !== "";
  });
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca: join(folder, "cert.pem"),
    root,
    async kill() {
      const gone = once(pebble, "exit");
      pebble.kill("SIGKILL");
      await gone;
    },
    stop() {
      pebble.kill("SIGKILL");
      names.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function read(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => resolve(text(response))).on("error", reject);
  });
}
