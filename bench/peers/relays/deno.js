/** deno.js PORT UPSTREAM_PORT */
const [port, upstreamPort] = Deno.args;
Deno.serve({ port: Number(port), hostname: "127.0.0.1" }, (request) => {
  if (request.headers.get("upgrade") !== "websocket") return new Response(null, { status: 426 });
  const user = request.headers.get("x-user");
  const { socket: client, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  const target = new WebSocket(`ws://127.0.0.1:${upstreamPort}`);
  const early = [];
  client.onmessage = ({ data }) => {
    const changed = JSON.stringify({ ...JSON.parse(data), user });
    if (target.readyState === WebSocket.OPEN) target.send(changed);
    else early.push(changed);
  };
  target.onopen = () => {
    for (const text of early) target.send(text);
  };
  target.onmessage = ({ data }) => client.readyState === WebSocket.OPEN && client.send(data);
  client.onclose = () => target.close();
  target.onclose = () => client.close();
  client.onerror = () => target.close();
  target.onerror = () => client.close();
  return response;
});
