import type { WatchedHost, WatchedHostFate, WatchedHostListener } from "../process/watched-host.ts";
import type { Host } from "./host.ts";

const USAGE_MS = 1000;

/**
 * The counterpart of `watchHost`: what hangs in this process cannot be seen from within it, and its memory is the
 * process's own. So it is asked for its heaps, and nothing else is watched.
 */
export function watchEmbedded(host: Host, listener: WatchedHostListener, fate: WatchedHostFate): WatchedHost {
  const timer = setInterval(() => host.send({ type: "ping", sequence: 0, usage: true }), USAGE_MS).unref();
  host.attach({
    onWork() {},
    onMessage(message) {
      if (message.type === "pong") {
        // CPU time and memory are in the process's own figures already.
        if (message.usage) listener.onUsage(host, { ...message.usage, cpuUs: 0 }, 0);
        fate.onPong(0);
        return;
      }
      if (message.type === "ready") fate.onReady();
      listener.onMessage(host, message);
    },
    onResults: (bytes, start, end) => listener.onResults(host, bytes, start, end),
    onAsk: (bytes, start, end) => listener.onAsk(host, bytes, start, end),
    onExit: (detail, reason) => fate.onSick(reason, detail),
  });
  return {
    host,
    end() {
      clearInterval(timer);
      host.kill();
    },
  };
}
