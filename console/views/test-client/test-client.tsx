import { useEffect, useMemo } from "preact/hooks";
import { Button } from "../../parts/basics.tsx";
import { createTestClientConnection } from "../../state/test-connection.ts";
import { Composer } from "./composer.tsx";
import { ConnectForm } from "./connect-form.tsx";
import { MessageLog } from "./message-log.tsx";
import "./test-client.css";

export function TestClient() {
  const connection = useMemo(createTestClientConnection, []);
  useEffect(() => () => connection.dispose(), [connection]);
  return (
    <>
      <header class="page-head">
        <h1>Test client</h1>
        <StateWord state={connection.state.value} />
        <span class="spread" />
        {connection.log.value.length > 0 && (
          <Button look="quiet" icon="trash" onClick={connection.clear}>
            Clear
          </Button>
        )}
        {connection.session.value !== "" && (
          <a class="button" href={`/sessions/${encodeURIComponent(connection.session.value)}`}>
            Recorded session
          </a>
        )}
      </header>
      <div class="test-client">
        <ConnectForm connection={connection} />
        <section class="test-talk" aria-label="Messages">
          <MessageLog connection={connection} />
          <Composer connection={connection} />
        </section>
      </div>
    </>
  );
}

function StateWord({ state }: { readonly state: string }) {
  if (state === "open") return <span class="badge good">connected</span>;
  return state === "idle" ? null : <span class="badge warn">{state}</span>;
}
