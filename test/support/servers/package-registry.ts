import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { ExecutionContext } from "ava";

interface Publication {
  readonly name: string;
  readonly versions: Readonly<Record<string, object>>;
  readonly "dist-tags": Readonly<Record<string, string>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

/** As much of an npm registry as `npm publish` and `npm pack` need, on a free port. */
export async function startRegistry(
  t: Pick<ExecutionContext, "teardown">,
): Promise<{ readonly url: string }> {
  const packages = new Map<string, { versions: Record<string, object>; tags: Record<string, string> }>();
  const archives = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url!.slice(1));
    if (request.method === "PUT") {
      const { versions, "dist-tags": tags, _attachments } = (await json(request)) as Publication;
      const known = packages.get(path) ?? { versions: {}, tags: {} };
      packages.set(path, { versions: { ...known.versions, ...versions }, tags: { ...known.tags, ...tags } });
      for (const [file, { data }] of Object.entries(_attachments)) {
        archives.set(`${path}/-/${file}`, Buffer.from(data, "base64"));
      }
      return response.writeHead(201, { "content-type": "application/json" }).end("{}");
    }
    const archive = archives.get(path);
    if (archive !== undefined) return response.end(archive);
    const found = packages.get(path);
    if (found === undefined) return response.writeHead(404).end("{}");
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ name: path, versions: found.versions, "dist-tags": found.tags }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}
