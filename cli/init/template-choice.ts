import { createInterface } from "node:readline/promises";
import { suggestName } from "../../sandbox/suggestion.ts";
import { CliError } from "../errors.ts";

/** What a project can start from: a folder of its name in `cli/templates`. */
export interface ProjectTemplate {
  readonly name: string;
  readonly about: string;
  /** The policy to look at first. */
  readonly policy: string;
}

export const TEMPLATES: readonly [ProjectTemplate, ...ProjectTemplate[]] = [
  { name: "hello", about: "one policy that greets, in front of any server", policy: "hello" },
  { name: "chat", about: "who may say what in which room", policy: "manners" },
  {
    name: "graphql-ws",
    about: "which operations a GraphQL server gets, and what errors tell",
    policy: "operations",
  },
  { name: "mqtt", about: "devices that keep to topics of their own", policy: "topics" },
  {
    name: "ai-realtime",
    about: "a realtime model: its key, its instructions, its cost",
    policy: "guardrails",
  },
];

/** @param named undefined: it is asked on a terminal, and the first elsewhere */
export async function chooseTemplate(named: string | undefined): Promise<ProjectTemplate> {
  const isAsked = named === undefined && process.stdin.isTTY && process.stdout.isTTY;
  const answer = isAsked ? await ask() : (named ?? TEMPLATES[0].name);
  const found = TEMPLATES.find(
    ({ name }, index) => answer === name || (isAsked && answer === String(index + 1)),
  );
  if (found !== undefined) return found;
  const names = TEMPLATES.map(({ name }) => name);
  const near = suggestName(answer, names);
  const hint = near === undefined ? `there are ${names.join(", ")}.` : `did you mean "${near}"?`;
  throw new CliError("ERR_CLI_USAGE", `--template: there is no "${answer}"; ${hint}`);
}

async function ask(): Promise<string> {
  const width = Math.max(...TEMPLATES.map(({ name }) => name.length));
  const lines = TEMPLATES.map(({ name, about }, index) => `  ${index + 1}  ${name.padEnd(width)}  ${about}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`Start from:\n${lines.join("\n")}\nNumber or name [1]: `);
    return answer.trim() || TEMPLATES[0].name;
  } finally {
    terminal.close();
  }
}
