import type { CloseLine, HookLine, MessageLine, UpgradeLine } from "../../core/recording/format.ts";

export const headerLine = JSON.stringify({
  type: "framegate-recording",
  version: 1,
  made: "2026-01-01T00:00:00.000Z",
  by: "test",
  redaction: "none",
});

export function recordingOf(...lines: readonly object[]): string {
  return `${[headerLine, ...lines.map((line) => JSON.stringify(line))].join("\n")}\n`;
}

export function upgradeLine(given: Partial<UpgradeLine> = {}): UpgradeLine {
  return {
    type: "upgrade",
    session: "s1",
    time: 1000,
    route: "/*",
    method: "GET",
    url: "/",
    headers: [["Host", "gateway.example"]],
    client: { address: "192.0.2.1", port: 50_000, tls: false },
    ...given,
  };
}

export function messageLine(given: Partial<MessageLine> = {}): MessageLine {
  return { type: "message", session: "s1", time: 2000, origin: "client", body: { text: "{}" }, ...given };
}

export function closeLine(given: Partial<CloseLine> = {}): CloseLine {
  return {
    type: "close",
    session: "s1",
    time: 3000,
    initiator: "client",
    code: 1000,
    reason: "",
    durationMs: 2000,
    messages: { client: 1, server: 0 },
    bytes: { client: 2, server: 0 },
    ...given,
  };
}

/** A `tick` that sent something to the client. */
export function hookLine(given: Partial<HookLine>, text: string): HookLine {
  const { hook = "tick" } = given;
  const nothing = { toClient: [], toServer: [], attributes: {} };
  return {
    ...{ type: "hook", session: "s1", time: 2500, hook, by: "time", late: 0, policy: "timed", version: "1" },
    result: { ...nothing, outcome: "sent", toClient: [{ text }] },
    ...given,
  };
}
