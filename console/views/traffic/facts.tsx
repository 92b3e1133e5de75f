import type { ComponentChildren } from "preact";
import { meaningOf } from "../../parts/glossary.ts";

export type Fact = readonly [string, ComponentChildren];

/** Names and values; what is empty is left out. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== "" && value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt title={meaningOf(name)}>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
