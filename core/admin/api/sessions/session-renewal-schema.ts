import { z } from "zod";

export const renewalSchema = z.object({
  outcome: z
    .enum(["renewed", "unchanged", "closed", "failed", "ended", "held", "no-hook"])
    .describe(
      "What came of it, of several policies the worst. no-hook: none of the route's policies exports `renew`. held: they are called once it has its server, which it waits for. failed: a hook did, and the session goes on as the route's onError says.",
    ),
});

export type SessionRenewalView = z.infer<typeof renewalSchema>;
