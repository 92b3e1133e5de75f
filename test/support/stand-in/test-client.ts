import type { WebSocket } from "ws";
import type { TestClientMessage, TestClientRequest } from "../../../core/admin/api/api-schema.ts";

/** Sends everything back; a path that begins with /nowhere is refused. */
export function actAsTestClient(peer: WebSocket): void {
  const say = (message: TestClientMessage) => peer.send(JSON.stringify(message));
  peer.on("message", (data) => {
    const asked = JSON.parse(String(data)) as TestClientRequest;
    switch (asked.type) {
      case "connect":
        if (asked.path.startsWith("/nowhere"))
          return say({
            type: "refused",
            status: 404,
            headers: [["X-Request-Id", "1-zz"]],
            body: "no such route\n",
          });
        return say({
          type: "open",
          session: "1-14",
          subprotocol: asked.subprotocols[0] ?? "",
          extensions: "",
          headers: [["Upgrade", "websocket"]],
        });
      case "send":
        return say({ type: "message", time: Date.now(), encoding: asked.encoding, data: asked.data });
      case "ping":
        return say({ type: "pong", time: Date.now() });
      case "close":
        return say({ type: "closed", code: asked.code, reason: asked.reason });
    }
  });
}
