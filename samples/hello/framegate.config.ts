import { defineConfig } from "framegate";

export default defineConfig({
  listen: [{ port: 8080 }],
  console: { port: 9090 },

  // Each .ts file in this folder is a policy. It is live as soon as it is saved.
  policies: "./policies",

  routes: [
    {
      path: "/*",
      // Your WebSocket server. With --echo a server that sends every message back stands in for it.
      upstream: "http://127.0.0.1:3000",
      policies: ["hello"],
    },
  ],
});
