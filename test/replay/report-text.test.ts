import test from "ava";
import { formatReport } from "../../core/replay/report-text.ts";

test("nothing that others have written steers the terminal, or is a command to a CI server", (t) => {
  const difference = {
    policy: "a",
    hook: "client" as const,
    session: "s1\n::error ::session",
    sequence: 1,
    line: 2,
    time: 0,
    changes: [{ path: 'message.json["\u009b2J"]', before: "##vso[task.complete]", after: "##[error]x" }],
    stack: "Error: \u001b[2J\n::error file=a.ts::stack\r::warning ::b",
  };
  const text = formatReport({
    recording: "day.ndjson",
    sessions: 1,
    refused: 0,
    messages: 1,
    left: { cutMessages: 0, unreached: 0 },
    groups: [
      {
        policy: "a",
        hook: "client",
        paths: ["message"],
        differences: [difference as never],
        place: undefined,
      },
    ],
    accepted: 0,
  });
  t.notRegex(text, /[^\P{Cc}\n]/u);
  t.notRegex(text, /^\s*::|##\w*\[/m);
  t.true(
    text.includes("session s1 ::error ::session (line 2") && text.includes("\\x3a:error file=a.ts::stack"),
  );
});

test("kinds stand apart by one blank line, and who was refused is no session", (t) => {
  const group = (policy: string) => ({
    ...{ policy, hook: "client" as const, paths: ["message"], place: undefined },
    differences: [
      {
        ...{ policy, hook: "client" as const, session: "s1", sequence: 1, line: 2, time: 0 },
        changes: [{ path: "message", before: 1, after: 2 }],
      } as never,
    ],
  });
  const text = formatReport({
    ...{ recording: "day.ndjson", sessions: 5, refused: 2, messages: 1, accepted: 0 },
    left: { cutMessages: 0, unreached: 0 },
    groups: [group("a"), group("b")],
  });
  t.regex(text, /^day\.ndjson: 5 sessions, 2 refused requests, 1 message replayed\n\npolicy a, /);
  t.false(text.includes("\n\n\n"));
  t.true(text.endsWith("\n\n2 new differences of 2 kinds\n"));
});
