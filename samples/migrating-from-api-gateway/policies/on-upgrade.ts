import type { Upgrade } from "framegate/policy";

/** On Upgrade request from client: who is it, then Connect to URL. */
export const upgrade: Upgrade<{ url: string }> = ({ request, options, log }) => {
  const key = request.headers.get("x-api-key");
  if (key === undefined) {
    log.info("no key", { path: request.path });
    return { reject: { status: 401, body: "send your key in X-Api-Key" } };
  }
  return {
    // ws: and http: mean the same, and so do wss: and https:.
    connect: `${options.url}/${encodeURIComponent(request.params.symbol ?? "")}`,
    // null removes a header of the request to the server.
    headers: { "X-Api-Key": null },
    // What the message policies find at websock.context.attributes.
    attributes: { isPremium: key.startsWith("premium-") },
  };
};
