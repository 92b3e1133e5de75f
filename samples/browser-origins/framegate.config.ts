import { defineConfig } from "framegate";

// Where the page is: while you develop, and in production.
const pages = ["http://localhost:5173", "https://*.example.com"];

export default defineConfig({
  listen: [{ port: 8080 }],
  console: { port: 9090 },
  policies: "./policies",
  routes: [
    {
      path: "/chat",
      upstream: "http://127.0.0.1:3000",
      policies: ["signed-in"],
      // "same" for pages that come by this gateway itself. Any other page gets 403, whatever cookies it would send.
      origins: ["same", ...pages],
      // Browsers always send an Origin: what sends none is no browser.
      originRequired: true,
      subprotocols: { allow: ["chat.v2", "chat.v1"], prefer: ["chat.v2"], required: true },
    },
    {
      // Plain HTTP of the same application, for the same pages.
      path: "/history",
      upstream: "http://127.0.0.1:3000",
      http: "proxy",
      policies: ["signed-in"],
      origins: ["same", ...pages],
      cors: { methods: ["GET", "DELETE"], credentials: true, maxAge: "10m" },
    },
  ],
});
