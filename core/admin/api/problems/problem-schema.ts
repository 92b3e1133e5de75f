import { z } from "zod";

export const problemSchema = z.object({
  kind: z
    .enum([
      "policy-failed",
      "policy-failing",
      "policy-breaker",
      "policy-stale",
      "policy-gone",
      "policy-quarantine",
      "policies-folder",
      "route",
      "source-refused",
      "source-silent",
      "fleet-lost",
      "fleet-name",
      "traffic-unreadable",
      "traffic-store",
      "sink",
      "certificate",
      "sandbox",
    ])
    .describe("What it is, for programs."),
  tone: z.enum(["bad", "warn"]).describe("`bad`: something does not work; `warn`: it soon may not."),
  name: z.string().describe("What it is with: a policy, a route, a sink, a certificate."),
  text: z.string().describe("What is wrong, for people."),
  detail: z.string().describe("The error itself; else empty."),
  time: z.number().describe("Since when, milliseconds since 1970; 0: nobody knows."),
});

export const problemsSchema = z.object({
  problems: z.array(problemSchema).describe("The worst first; of policies by name."),
});

export type ProblemView = z.infer<typeof problemSchema>;
