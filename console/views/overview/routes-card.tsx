import type { RouteView } from "../../../core/admin/api/api-schema.ts";
import { Badge, Empty, Loading } from "../../parts/basics.tsx";
import { bytes, compact } from "../../parts/format.ts";
import { meaningOf } from "../../parts/glossary.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { link } from "../../state/query.ts";
import { RouteSwitch } from "./route-switch.tsx";

export function RoutesCard() {
  const { api, live } = useApp();
  const [loaded, reload] = useLoaded(api.routes, [live.changes.routes.value], 5000);
  const routes = loaded.value.value?.routes;
  return (
    <section class="card">
      <header>
        <h2>Routes</h2>
      </header>
      {routes === undefined ? (
        <Loading />
      ) : routes.length === 0 ? (
        <Empty icon="route" title="There are no routes">
          Add one to <code>routes</code> in the config and save: it is here at once.
        </Empty>
      ) : (
        <div class="table-scroll" role="region" aria-label="Routes" tabIndex={0}>
          <table class="table">
            <thead>
              <tr>
                <th>Route</th>
                <th>Path</th>
                <th>Upstream</th>
                <th>Policies</th>
                <th class="right">Sessions</th>
                <th class="right">Messages</th>
                <th class="right">Bytes</th>
                <th class="right">Takes connections</th>
              </tr>
            </thead>
            <tbody>
              {routes.map((route) => (
                <RouteRow key={route.name} route={route} onChange={reload} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function RouteRow({ route, onChange }: { readonly route: RouteView; readonly onChange: () => void }) {
  const { name, messages, bytes: sent } = route;
  return (
    <tr>
      <td>
        <a href={link("/traffic/websockets", { route: name })}>{name}</a>{" "}
        {route.source !== "config" && <Badge>{route.source}</Badge>}{" "}
        {!route.isRecorded && <Badge title="Its traffic is not recorded">not recorded</Badge>}
      </td>
      <td class="mono">
        {route.host !== "" && <span class="muted">{route.host}</span>}
        {route.path}
      </td>
      <td class="mono">{route.upstream}</td>
      <td>
        {route.policies.length === 0 ? (
          <span class="muted" title={meaningOf("spliced")}>
            none: all goes through as it comes
          </span>
        ) : (
          route.policies.map((policy, index) => (
            <span key={policy}>
              {index > 0 && <span class="muted"> → </span>}
              <a href={`/policies/${encodeURIComponent(policy)}`}>{policy}</a>
            </span>
          ))
        )}
      </td>
      <td class="right number">
        <a href={link("/sessions", { route: name })}>{compact(route.sessions)}</a>
      </td>
      <td class="right number">{compact(messages.client + messages.server)}</td>
      <td class="right number">{bytes(sent.client + sent.server)}</td>
      <td class="right">
        <RouteSwitch route={route} onChange={onChange} />
      </td>
    </tr>
  );
}
