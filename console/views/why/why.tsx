import type { ComponentChildren } from "preact";
import { useRoute } from "preact-iso";
import { Empty, Loading } from "../../parts/basics.tsx";
import { useApp } from "../../state/app.ts";
import { type Loaded, useLoaded } from "../../state/loaded.ts";
import { MessageStory } from "./message-story.tsx";
import { SessionStory } from "./session-story.tsx";
import "./why.css";

/** An open session goes on. */
const EVERY_MS = 3000;

/** Why things went as they did, in a session or with one of its messages. */
export function Why() {
  const { id = "", message } = useRoute().params;
  return message === undefined || message === "" ? (
    <WhySession key={id} id={id} />
  ) : (
    <WhyMessage key={`${id} ${message}`} id={id} message={message} />
  );
}

function WhySession({ id }: { readonly id: string }) {
  const { api } = useApp();
  const [loaded] = useLoaded(() => api.explainSession(id), [id], EVERY_MS);
  return (
    <>
      <Head id={id} />
      <Answer loaded={loaded.value}>{(explained) => <SessionStory explained={explained} />}</Answer>
    </>
  );
}

function WhyMessage({ id, message }: { readonly id: string; readonly message: string }) {
  const { api } = useApp();
  const [loaded] = useLoaded(() => api.explainMessage(id, message), [id, message]);
  return (
    <>
      <Head id={id} message={message} />
      <Answer loaded={loaded.value}>{(explained) => <MessageStory explained={explained} />}</Answer>
    </>
  );
}

function Head({ id, message }: { readonly id: string; readonly message?: string }) {
  const session = `/sessions/${encodeURIComponent(id)}`;
  return (
    <header class="page-head">
      <a class="crumb" href="/sessions">
        Sessions
      </a>
      <span class="muted">/</span>
      <a class="crumb mono" href={session}>
        {id}
      </a>
      <span class="muted">/</span>
      {message === undefined ? (
        <h1>Why?</h1>
      ) : (
        <>
          <a class="crumb" href={`${session}/why`}>
            Why?
          </a>
          <span class="muted">/</span>
          <h1 class="mono">{message}</h1>
        </>
      )}
    </header>
  );
}

function Answer<Explained>({
  loaded: { value, error },
  children,
}: {
  readonly loaded: Loaded<Explained>;
  readonly children: (explained: Explained) => ComponentChildren;
}) {
  if (value !== undefined)
    return (
      <div class="page-scroll" tabIndex={0} role="region" aria-label="Why">
        <div class="story">{children(value)}</div>
      </div>
    );
  if (error === undefined) return <Loading />;
  return (
    <Empty icon="search" title="There is nothing to explain it from">
      {error.message}
    </Empty>
  );
}
