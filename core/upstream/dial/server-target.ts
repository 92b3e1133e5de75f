import type { TargetConfig } from "../../config/index.ts";
import { resolveTarget, type Target } from "../../net/target.ts";

/**
 * Where to dial for one connection to a configured server.
 *
 * @param requestUrl the client's request target
 * @param path stands in for the path of the server's URL
 */
export function serverTarget(
  { url, socket }: Pick<TargetConfig, "url" | "socket">,
  requestUrl: string,
  path?: string,
): Target | undefined {
  const target = resolveTarget(path === undefined ? url : withoutPath(url), requestUrl);
  return target === undefined || socket === undefined ? target : { ...target, socketPath: socket };
}

function withoutPath(url: string): string {
  return url.startsWith("unix:") ? url.replace(/^(unix:[^:]*):.*$/, "$1") : new URL("/", url).href;
}
