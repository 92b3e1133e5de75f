import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import type { Guard } from "../access/guard.ts";
import { AdminError } from "../errors.ts";
import type { Readiness } from "../readiness.ts";
import type { StaticFiles } from "./static-files.ts";

/** The page may load and talk to what is of this origin, and nothing else; no text becomes script. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export const securityHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** All that is no endpoint: the console's page and its files. */
export function addPages(app: Hono<{ Bindings: HttpBindings }>, guard: Guard, files: StaticFiles): void {
  app.get("*", async (context) => {
    const { path } = context.req;
    guard.checkHost(context.env.incoming);
    const file = await files.find(path === "/" ? "/index.html" : path);
    if (file === undefined)
      return path === "/" ? context.text(PLAIN_INDEX) : context.text("not found\n", 404);
    context.header("ETag", file.etag);
    context.header("Cache-Control", file.isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    if (context.req.header("If-None-Match") === file.etag) return context.body(null, 304);
    return context.body(file.bytes, 200, { "Content-Type": file.type });
  });
}

const PLAIN_INDEX = `Framegate

/healthz   the process is alive
/readyz    it takes new connections
/metrics   Prometheus metrics
/api/v1    the admin API; /api/v1/openapi.json describes it
`;

/** Health, readiness and metrics, for programs that watch over the gateway. */
export function addProbes(
  app: Hono<{ Bindings: HttpBindings }>,
  guard: Guard,
  source: {
    /** Of a route, by its name, or of the gateway. */
    readiness(route: string | undefined): Readiness;
    metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  },
): void {
  app.get("/healthz", (context) => plain(context, "ok\n"));
  app.get("/readyz", (context) => {
    const { status, detail } = source.readiness(context.req.query("route"));
    return plain(context, `${detail}\n`, status);
  });
  app.get("/metrics", async (context) => {
    guard.admit(context.env.incoming, false);
    const { text, contentType } = await source.metrics().catch((cause: unknown) => {
      throw new AdminError("ERR_INTERNAL", `the metrics could not be collected: ${(cause as Error).message}`);
    });
    return context.body(text, 200, { "Content-Type": contentType, "Cache-Control": "no-store" });
  });
}

function plain(context: Context, text: string, status: Readiness["status"] = 200): Response {
  return context.text(text, status, { "Cache-Control": "no-store" });
}
