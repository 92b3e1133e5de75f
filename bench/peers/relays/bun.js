/** bun.js PORT UPSTREAM_PORT */
const [port, upstreamPort] = process.argv.slice(2);
Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  fetch(request, server) {
    const data = { user: request.headers.get("x-user"), early: [], target: undefined };
    return server.upgrade(request, { data }) ? undefined : new Response(null, { status: 426 });
  },
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: false,
    open(client) {
      const target = new WebSocket(`ws://127.0.0.1:${upstreamPort}`);
      client.data.target = target;
      target.onopen = () => {
        for (const text of client.data.early) target.send(text);
      };
      target.onmessage = ({ data }) => client.send(data);
      target.onclose = () => client.close();
      target.onerror = () => client.close();
    },
    message(client, text) {
      const { target, user, early } = client.data;
      const changed = JSON.stringify({ ...JSON.parse(text), user });
      if (target.readyState === WebSocket.OPEN) target.send(changed);
      else early.push(changed);
    },
    close(client) {
      client.data.target.close();
    },
  },
});
