import { Segmented } from "../basics.tsx";
import { FORMS, HINTS, messageProblem, type WrittenMessage } from "./forms.ts";
import "./message-form.css";

interface MessageFormProps {
  readonly label: string;
  readonly written: WrittenMessage;
  readonly rows?: number;
  readonly onChange: (written: WrittenMessage) => void;
  /** Ctrl Enter. */
  readonly onSend: () => void;
}

/** A message, as text, JSON, hex or base64. */
export function MessageForm({ label, written, rows = 6, onChange, onSend }: MessageFormProps) {
  const problem = written.text === "" ? "" : messageProblem(written);
  return (
    <div class="message-form">
      <textarea
        class="input mono"
        rows={rows}
        aria-label={label}
        spellcheck={false}
        placeholder={HINTS[written.form]}
        value={written.text}
        onInput={(event) => onChange({ ...written, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          onSend();
        }}
      />
      <div class="message-form-bar">
        <Segmented
          label="The message is"
          options={FORMS}
          current={written.form}
          onChange={(form) => onChange({ ...written, form })}
        />
        <span class="message-problem" aria-live="polite">
          {problem}
        </span>
      </div>
    </div>
  );
}
