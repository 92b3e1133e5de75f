import type { ExplainedRoute } from "../../../core/explain/explanation.ts";
import { Badge } from "../../parts/basics.tsx";
import { VisibleText } from "../../parts/visible-text.tsx";

/** Why the request came to this route. */
export function RouteCard({ route }: { readonly route: ExplainedRoute }) {
  const { name, state, conditions, otherwise } = route;
  return (
    <section class="card">
      <header>
        <h2>Route</h2>
        <span class="mono">{name}</span>
        {state === "changed" && <Badge tone="warn">it is for other requests now</Badge>}
        {state === "gone" && name !== "" && <Badge tone="warn">it is not there any more</Badge>}
      </header>
      {name === "" && <p class="muted story-line">The request matches no route.</p>}
      {conditions.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Why this route">
          <table class="table">
            <thead>
              <tr>
                <th>By</th>
                <th>The request has</th>
                <th>The route is for</th>
              </tr>
            </thead>
            <tbody>
              {conditions.map(({ what, expected, got }) => (
                <tr key={what}>
                  <td>{what}</td>
                  <td class="mono">
                    <VisibleText text={got} />
                  </td>
                  <td class="mono">{expected === "" ? <span class="muted">any</span> : expected}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {otherwise !== "" && (
        <p class="story-line">
          Of all routes that match the most specific wins; without it the request would have come to{" "}
          <span class="mono">{otherwise}</span>.
        </p>
      )}
    </section>
  );
}
