/** A Worker: its binding `UPSTREAM` is where it connects. */
export default {
  async fetch(request, { UPSTREAM }) {
    const user = request.headers.get("x-user");
    const { webSocket: target } = await fetch(UPSTREAM, { headers: { Upgrade: "websocket" } });
    const { 0: outer, 1: client } = new WebSocketPair();
    client.accept();
    target.accept();
    client.addEventListener("message", ({ data }) => {
      target.send(JSON.stringify({ ...JSON.parse(data), user }));
    });
    target.addEventListener("message", ({ data }) => client.send(data));
    client.addEventListener("close", () => target.close());
    target.addEventListener("close", () => client.close());
    return new Response(null, { status: 101, webSocket: outer });
  },
};
