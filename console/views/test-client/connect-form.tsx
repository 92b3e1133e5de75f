import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button, WriteButton } from "../../parts/basics.tsx";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { readStored, store } from "../../state/stored.ts";
import type { TestClientConnection } from "../../state/test-connection.ts";

interface Draft {
  readonly listener: string;
  readonly path: string;
  readonly subprotocols: string;
  readonly headers: readonly (readonly [string, string])[];
}

const NO_DRAFT: Draft = { listener: "", path: "", subprotocols: "", headers: [] };

export function ConnectForm({ connection }: { readonly connection: TestClientConnection }) {
  const { api, live } = useApp();
  const draft = useSignal<Draft>(readDraft());
  const [routes] = useLoaded(api.routes, [live.changes.routes.value]);
  const listeners = live.info.value?.listeners ?? [];
  const known = routes.value.value?.routes ?? [];
  const { path, subprotocols, headers } = draft.value;
  const listener = listeners.includes(draft.value.listener) ? draft.value.listener : (listeners[0] ?? "");
  const state = connection.state.value;
  const isIdle = state === "idle";
  const change = (part: Partial<Draft>) => {
    draft.value = { ...draft.value, ...part };
    store("test.draft", JSON.stringify(draft.value));
  };
  const changeHeader = (index: number, header: readonly [string, string]) =>
    change({ headers: headers.map((one, at) => (at === index ? header : one)) });

  useEffect(() => {
    const first = known.find((route) => !/[*:{]/.test(route.path)) ?? known[0];
    if (draft.peek().path === "" && first !== undefined) change({ path: samplePath(first.path) });
  }, [routes.value.value]);

  const submit = (event: Event) => {
    event.preventDefault();
    if (!isIdle || listener === "") return;
    connection.connect({
      listener,
      path: path.startsWith("/") ? path : `/${path}`,
      subprotocols: subprotocols.split(/[\s,]+/).filter((name) => name !== ""),
      headers: headers.filter(([name]) => name.trim() !== "").map(([name, value]) => [name.trim(), value]),
    });
  };

  return (
    <form class={`connect${isIdle ? "" : " under-way"}`} onSubmit={submit}>
      <label class="field">
        <span>Listener</span>
        <select
          class="input"
          value={listener}
          disabled={!isIdle}
          onChange={(event) => change({ listener: event.currentTarget.value })}
        >
          {listeners.map((url) => (
            <option key={url} value={url}>
              {url}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Path and query</span>
        <input
          class="input mono"
          list="route-paths"
          placeholder="/echo"
          value={path}
          disabled={!isIdle}
          onInput={(event) => change({ path: event.currentTarget.value })}
        />
        <datalist id="route-paths">
          {known.map(({ name, path: known }) => (
            <option key={name} value={known}>
              {name}
            </option>
          ))}
        </datalist>
      </label>
      <label class="field">
        <span>Subprotocols</span>
        <input
          class="input mono"
          placeholder="orders.v2, orders.v1"
          value={subprotocols}
          disabled={!isIdle}
          onInput={(event) => change({ subprotocols: event.currentTarget.value })}
        />
      </label>
      <fieldset class="field connect-headers" disabled={!isIdle}>
        <legend>Headers</legend>
        {headers.map(([name, value], index) => (
          <div key={index} class="header-row">
            <input
              class="input mono"
              aria-label={`Name of header ${index + 1}`}
              placeholder="Authorization"
              value={name}
              onInput={(event) => changeHeader(index, [event.currentTarget.value, value])}
            />
            <input
              class="input mono"
              aria-label={`Value of header ${index + 1}`}
              placeholder="Bearer …"
              value={value}
              onInput={(event) => changeHeader(index, [name, event.currentTarget.value])}
            />
            <Button
              icon="trash"
              look="quiet"
              label={`Remove header ${index + 1}`}
              onClick={() => change({ headers: headers.filter((_, at) => at !== index) })}
            />
          </div>
        ))}
        <Button icon="plus" look="quiet" onClick={() => change({ headers: [...headers, ["", ""]] })}>
          Add a header
        </Button>
      </fieldset>
      {isIdle ? (
        <WriteButton
          type="submit"
          look="primary"
          icon="play"
          refusal={listener === "" ? "The gateway listens nowhere yet: add a listener to the config." : ""}
        >
          Connect
        </WriteButton>
      ) : (
        <Button icon="end" look="danger" onClick={() => connection.close(1000, "")}>
          {state === "connecting" ? "Stop" : "Disconnect"}
        </Button>
      )}
      <p class="muted connect-note">
        The gateway itself dials its listener: routes, policies and the recorder see this like any other
        client.
      </p>
    </form>
  );
}

function readDraft(): Draft {
  try {
    return { ...NO_DRAFT, ...(JSON.parse(readStored("test.draft", "{}")) as Partial<Draft>) };
  } catch {
    return NO_DRAFT;
  }
}

/** A path that the pattern fits: `/rooms/:id/*` → `/rooms/id/`. */
function samplePath(pattern: string): string {
  return pattern.replace(/\*$/, "").replace(/:(\w+)/g, "$1");
}
