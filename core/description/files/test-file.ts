import { createSideCheck, type MessageFault } from "../../../policies/messages/check-side.ts";
import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { MessageExample, ReadDescription } from "../read-description.ts";
import { SIDES } from "../read-description.ts";
import { spoil } from "./wrong-examples.ts";

export interface RenderedTests {
  readonly code: string;
  /** Examples that do not fit their own schema, a sentence each. */
  readonly problems: readonly string[];
}

/** Tests of the description's examples: each passes, and with one thing wrong it does not. */
export function renderTests(policyFile: string, { messages, examples }: ReadDescription): RenderedTests {
  const checks = {
    client: createSideCheck(messages.client, messages.definitions),
    server: createSideCheck(messages.server, messages.definitions),
  };
  const faultOf = (side: Side, payload: unknown) => checks[side]({ body: JSON.stringify(payload) });
  const judged = examples.map((example) => ({ ...example, fault: faultOf(example.side, example.payload) }));
  const right = judged.filter(({ fault }) => fault === undefined);
  const wrong = right.flatMap(({ side, message, payload }) => {
    const spoilt = spoil(payload, (copy) => faultOf(side, copy) !== undefined);
    return spoilt === undefined
      ? []
      : [{ side, message: `${message} ${spoilt.what}`, payload: spoilt.payload }];
  });
  const strict = SIDES.filter((side) => checks[side]({ body: "no JSON" }) !== undefined);
  return {
    code: [
      // Not in the text itself: a build puts in its own place for what looks like this file asking for it.
      HEAD.replace("POLICY", JSON.stringify(`./${policyFile}`)).replace("HERE", "import.meta.url"),
      ...(right.length === 0 ? [] : [RIGHT.replace("LIST", () => listOf(right))]),
      ...(wrong.length === 0 ? [] : [WRONG.replace("LIST", () => listOf(wrong))]),
      ...(strict.length === 0 ? [] : [NO_JSON.replace("LIST", JSON.stringify(strict))]),
    ].join("\n"),
    problems: judged.flatMap(({ side, message, fault }) =>
      fault === undefined ? [] : [`an example of the ${side}'s ${message} does not fit: ${wordFault(fault)}`],
    ),
  };
}

function wordFault({ reason, errors: [first] }: MessageFault): string {
  return first === undefined ? reason : `${first.path} ${first.message}`.trim();
}

function listOf(examples: readonly MessageExample[]): string {
  const lines = examples.map(
    ({ side, message, payload }) =>
      `  { from: ${JSON.stringify(side)}, message: ${JSON.stringify(message)}, payload: ${JSON.stringify(payload)} },\n`,
  );
  return `[\n${lines.join("")}]`;
}

const HEAD = `import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "framegate/testing";

const policy = await loadPolicy(new URL(POLICY, HERE));
`;

const RIGHT = `/** The description's own examples. */
const right = LIST as const;

for (const { from, message, payload } of right)
  test(\`the \${from}'s \${message} passes: \${JSON.stringify(payload)}\`, async () => {
    const { isDropped, close } = await policy[from](JSON.stringify(payload));
    assert.deepEqual({ isDropped, close }, { isDropped: false, close: undefined });
  });
`;

const WRONG = `/** The same, each with one thing wrong. */
const wrong = LIST as const;

for (const { from, message, payload } of wrong)
  test(\`the \${from}'s \${message} is refused\`, async () => {
    assert.equal((await policy[from](JSON.stringify(payload))).isDropped, true);
  });
`;

const NO_JSON = `for (const from of LIST as const)
  test(\`what is no JSON is refused, of the \${from}\`, async () => {
    assert.equal((await policy[from]("no JSON")).isDropped, true);
  });
`;
