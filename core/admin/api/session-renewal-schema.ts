import { z } from "zod";

export const renewalSchema = z.object({
  outcome: z
    .enum(["renewed", "unchanged", "closed", "failed", "ended", "no-hook"])
    .describe(
      "What came of it, of several policies the worst. no-hook: none of the route's policies exports `renew`. failed: a hook did, and the session goes on as the route's onError says.",
    ),
});

export type SessionRenewalView = z.infer<typeof renewalSchema>;
