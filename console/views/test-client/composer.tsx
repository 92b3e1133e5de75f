import { useSignal } from "@preact/signals";
import { Button, Segmented } from "../../parts/basics.tsx";
import { fromBase64, fromHex, toBase64 } from "../../parts/payload-bytes.ts";
import { toOneLine } from "../../parts/visible-text.tsx";
import { readStored, store } from "../../state/stored.ts";
import type { TestClientConnection } from "../../state/test-connection.ts";

type Form = "text" | "json" | "hex" | "base64";

interface Saved {
  readonly form: Form;
  readonly text: string;
}

const FORMS = [
  ["text", "Text"],
  ["json", "JSON"],
  ["hex", "Hex"],
  ["base64", "Base64"],
] as const;

const HINTS: Readonly<Record<Form, string>> = {
  text: "Hello, gateway",
  json: '{ "type": "hello" }',
  hex: "48 65 6c 6c 6f",
  base64: "SGVsbG8=",
};

export function Composer({ connection }: { readonly connection: TestClientConnection }) {
  const form = useSignal<Form>("text");
  const text = useSignal("");
  const saved = useSignal<readonly Saved[]>(readSaved());
  const problem = text.value === "" ? "" : problemOf(form.value, text.value);
  const isOpen = connection.state.value === "open";
  const refusal = !isOpen ? "Connect first." : problem;
  const keep = (list: readonly Saved[]) => {
    saved.value = list;
    store("test.saved", JSON.stringify(list));
  };
  const send = () => {
    if (refusal !== "") return;
    if (form.value === "hex") connection.send("base64", toBase64(fromHex(text.value) ?? new Uint8Array()));
    else if (form.value === "base64") connection.send("base64", text.value.replace(/\s+/g, ""));
    else connection.send("text", text.value);
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
        <span class="composer-problem" aria-live="polite">
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

function problemOf(form: Form, text: string): string {
  switch (form) {
    case "text":
      return "";
    case "json":
      try {
        JSON.parse(text);
        return "";
      } catch (error) {
        return `No JSON yet: ${(error as Error).message}`;
      }
    case "hex":
      return fromHex(text) === undefined ? "Expected pairs of hex digits, e.g. 48 65." : "";
    case "base64":
      return fromBase64(text) === undefined ? "Expected base64, e.g. SGVsbG8=." : "";
  }
}

function readSaved(): readonly Saved[] {
  try {
    const value = JSON.parse(readStored("test.saved", "[]")) as unknown;
    return Array.isArray(value) ? (value as Saved[]) : [];
  } catch {
    return [];
  }
}
