import type { PolicyView } from "../../../core/admin/api/api-schema.ts";
import { Badge, type Tone } from "../../parts/basics.tsx";

/** What is worst about it, in a word, and how bad that is. */
interface StateLook {
  readonly tone: Tone;
  readonly word: string;
  readonly why: string;
}

/** The first that holds: what does not work before what is otherwise than usual. */
export function stateLook(policy: PolicyView): StateLook {
  const { state, breaker, quarantine, recentFaults, version } = policy;
  if (state === "failed") return { tone: "bad", word: "failed", why: "No version of it ever loaded" };
  if (breaker === "open")
    return { tone: "bad", word: "breaker open", why: "It failed too often, and is not called for a while" };
  if (recentFaults > 0)
    return {
      tone: "bad",
      word: "failing",
      why: `Faults of this version in the last minutes: ${recentFaults}`,
    };
  if (state === "stale")
    return { tone: "bad", word: "stale", why: "An older version runs: the newest file has a problem" };
  if (state === "gone") return { tone: "warn", word: "gone", why: "Its file is gone, and a route names it" };
  if (quarantine !== null)
    return { tone: "warn", word: "quarantine", why: "It has cost its sandbox host, and has one of its own" };
  if (breaker === "half-open")
    return { tone: "warn", word: "breaker half-open", why: "It is tried again with a few messages" };
  if (state === "rolled-back") return rolledBack(version);
  if (state === "unused") return { tone: "", word: "unused", why: "No route names it" };
  return { tone: "good", word: "running", why: "" };
}

function rolledBack(version: string): StateLook {
  return {
    tone: "note",
    word: `rolled back to ${version.slice(0, 8)}`,
    why: "An operator chose this version: newer files wait until the next change or reload",
  };
}

/** What is worst, and beside it that it was rolled back, for that may be why. */
export function StateBadge({ policy }: { readonly policy: PolicyView }) {
  const worst = stateLook(policy);
  const isBoth = policy.state === "rolled-back" && worst.tone !== "note";
  const looks = isBoth ? [worst, rolledBack(policy.version)] : [worst];
  return (
    <>
      {looks.map(({ tone, word, why }) => (
        <Badge key={word} tone={tone} title={why}>
          {word}
        </Badge>
      ))}
    </>
  );
}
