import { defineConfig } from "framegate";

export default defineConfig({
  listen: [{ port: 8080 }],
  console: { port: 9090 },
  policies: "./policies",

  upstreams: {
    orders: {
      targets: [
        { url: "http://127.0.0.1:3001", weight: 2 },
        { url: "http://127.0.0.1:3002" },
        // Gets connections when none of the two above is healthy.
        { url: "http://127.0.0.1:3003", priority: 1 },
      ],
      maxConnections: 5000,
      queue: { size: 100, timeout: "2s" },
      retry: { attempts: 2 },
      health: { failures: 3, slowStart: "30s", check: { path: "/healthz", interval: "5s" } },
    },
    // All clients of a room meet at one server.
    rooms: {
      targets: [{ url: "http://127.0.0.1:3004" }, { url: "http://127.0.0.1:3005" }],
      balance: { hash: "param:room" },
    },
    // Nothing leads here but the policy.
    preview: { url: "http://127.0.0.1:3006" },
  },

  routes: [
    { path: "/orders", upstream: "orders", policies: ["choose-version"] },
    { path: "/rooms/:room", upstream: "rooms" },
  ],
});
