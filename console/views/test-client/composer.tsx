import { useSignal } from "@preact/signals";
import { Button, Segmented } from "../../parts/basics.tsx";
import {
  bodyOf,
  FORMS,
  type Form,
  HINTS,
  messageProblem,
  type WrittenMessage,
} from "../../parts/message-form/forms.ts";
import "../../parts/message-form/message-form.css";
import { toOneLine } from "../../parts/visible-text.tsx";
import { readStored, store } from "../../state/stored.ts";
import type { TestClientConnection } from "../../state/test-connection.ts";

export function Composer({ connection }: { readonly connection: TestClientConnection }) {
  const form = useSignal<Form>("text");
  const text = useSignal("");
  const saved = useSignal<readonly WrittenMessage[]>(readSaved());
  const problem = text.value === "" ? "" : messageProblem({ form: form.value, text: text.value });
  const isOpen = connection.state.value === "open";
  const refusal = !isOpen ? "Connect first." : problem;
  const keep = (list: readonly WrittenMessage[]) => {
    saved.value = list;
    store("test.saved", JSON.stringify(list));
  };
  const send = () => {
    if (refusal !== "") return;
    const body = bodyOf({ form: form.value, text: text.value });
    if ("text" in body) connection.send("text", body.text);
    else connection.send("base64", body.base64);
  };
  return (
    <div class="composer">
      {saved.value.length > 0 && (
        <ul class="saved" aria-label="Saved messages">
          {saved.value.map((one, index) => (
            <li key={`${one.form}${one.text}`} class="chip">
              <button
                type="button"
                class="saved-pick"
                title={one.text}
                onClick={() => {
                  form.value = one.form;
                  text.value = one.text;
                }}
              >
                {toOneLine(one.text, 40) || "empty"}
              </button>
              <button
                type="button"
                aria-label={`Forget the message ${toOneLine(one.text, 20)}`}
                onClick={() => keep(saved.value.filter((_, at) => at !== index))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <textarea
        class="input mono"
        rows={4}
        aria-label="Message"
        placeholder={HINTS[form.value]}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-bar">
        <Segmented
          label="The message is"
          options={FORMS}
          current={form.value}
          onChange={(next) => {
            form.value = next;
          }}
        />
        <span class="message-problem" aria-live="polite">
          {problem}
        </span>
        <span class="spread" />
        <Button
          icon="save"
          look="quiet"
          label="Save this message"
          refusal={text.value === "" ? "Write a message first." : ""}
          onClick={() => {
            const rest = saved.value.filter((one) => one.text !== text.value || one.form !== form.value);
            keep([{ form: form.value, text: text.value }, ...rest].slice(0, 30));
          }}
        />
        <Button refusal={isOpen ? "" : "Connect first."} onClick={connection.ping}>
          Ping
        </Button>
        <Button look="primary" icon="test" title="Send (Ctrl Enter)" refusal={refusal} onClick={send}>
          Send
        </Button>
      </div>
    </div>
  );
}

function readSaved(): readonly WrittenMessage[] {
  try {
    const value = JSON.parse(readStored("test.saved", "[]")) as unknown;
    return Array.isArray(value) ? (value as WrittenMessage[]) : [];
  } catch {
    return [];
  }
}
