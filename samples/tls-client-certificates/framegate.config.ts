import { defineConfig } from "framegate";

export default defineConfig({
  listen: [
    {
      host: "0.0.0.0",
      port: 8443,
      tls: {
        // Live as well: when a file is renewed, new connections get the new certificate.
        certificates: [{ cert: "./certificates/server.crt", key: "./certificates/server.key" }],
        // Every client must show a certificate that this authority has signed.
        clientCertificate: "require",
        ca: "./certificates/clients-ca.crt",
      },
      hsts: "365d",
    },
  ],
  console: { port: 9090 },
  policies: "./policies",
  // Clients that are told to go come back over half a minute, not all in one second.
  drain: { code: 1012, spread: "30s", timeout: "10s" },
  watchConfig: true,
  routes: [{ path: "/devices/:name", upstream: "http://127.0.0.1:3000", policies: ["devices"] }],
});
