import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that the system gives to connections: while a server is down nobody else gets its port. */
const [FIRST, LAST] = [12_000, 31_000];

/** In this process nobody gets one that somebody else is about to listen at. */
const given = new Set<number>();

/** Ports of 127.0.0.1 where nobody listens, all different. */
export async function quietPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port)) continue;
    given.add(port);
    if (await isQuiet(port)) ports.add(port);
  }
  return [...ports];
}

async function isQuiet(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
