import { defineConfig } from "framegate";

export default defineConfig({
  listen: [{ port: 8080 }],
  console: { port: 9090 },
  policies: "./policies",

  // The remote host. What may be dialled is what is named here, or allowed by `connect.allow`.
  upstreams: {
    quotes: { url: "http://127.0.0.1:3000", maxConnections: -1 },
  },

  // A CORS profile, for plain HTTP on the routes that name it.
  corsProfiles: {
    web: { origins: ["https://app.example.com"], methods: ["GET", "POST"], credentials: true, maxAge: "1h" },
  },

  // The WebSocket handler.
  routes: [
    {
      enabled: true,
      path: "/quotes/:symbol",
      upstream: "quotes",
      contentType: "application/json",
      policies: [
        { use: "on-upgrade", options: { url: "http://127.0.0.1:3000/v1/quotes" } },
        "on-client-message",
        "on-server-message",
      ],
      expire: "1h",
      idle: "5m",
      connectTimeout: "30s",
      cors: "web",
      // A WebSocket is guarded by this and not by CORS.
      origins: ["https://app.example.com"],
    },
  ],
});
