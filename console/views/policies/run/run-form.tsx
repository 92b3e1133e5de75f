import { useState } from "preact/hooks";
import type { PolicyView } from "../../../../core/admin/api/api-schema.ts";
import type { TrialOrder } from "../../../../core/admin/api/trials/trial-schema.ts";
import type { FrameRecord, TrafficRecord } from "../../../../core/traffic/records.ts";
import { Segmented, WriteButton } from "../../../parts/basics.tsx";
import { clockTime } from "../../../parts/format.ts";
import { toPrettyText } from "../../../parts/json-lines.ts";
import { SelectField } from "../../../parts/recording/select-field.tsx";
import { link } from "../../../state/query.ts";

type Form = "text" | "base64";
type Hook = NonNullable<TrialOrder["hook"]>;

interface RunFormProps {
  readonly policy: PolicyView;
  /** Whose message it is, and whose session. */
  readonly record: TrafficRecord | undefined;
  readonly isRunning: boolean;
  readonly onRun: (order: TrialOrder) => void;
}

export function RunForm({ policy, record, isRunning, onRun }: RunFormProps) {
  const frame = record?.kind === "frame" ? record : undefined;
  const hooks = policy.hooks.map(({ hook }) => hook);
  const [hook, setHook] = useState<Hook | undefined>(chooseHook(hooks, frame));
  const [version, setVersion] = useState("");
  const [form, setForm] = useState<Form>(frame?.payload?.encoding ?? "text");
  const [written, setWritten] = useState<string | undefined>(undefined);
  const isMessage = hook === "client" || hook === "server";
  const body = written ?? frame?.payload?.data ?? "";
  const isWhole = frame !== undefined && !(frame.payload?.isCut ?? frame.length > 0);

  const run = () => {
    if (isRunning || refusal !== "") return;
    // What nobody has touched is run as it was recorded, byte for byte.
    const isOwn =
      isMessage && (written !== undefined || !isWhole || form !== (frame?.payload?.encoding ?? "text"));
    onRun({
      ...(record && { seq: record.seq }),
      ...(hook && { hook }),
      ...(version !== "" && { version }),
      ...(isOwn && { message: form === "text" ? { text: body } : { base64: body.replaceAll(/\s/g, "") } }),
    });
  };
  const refusal =
    hook === undefined ? "It has no hooks" : isMessage && !isBase64(form, body) ? NO_BASE64 : "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <div class="run-choices">
        <SelectField
          label="Hook"
          value={hook ?? ""}
          options={hooks.map((each) => [each, each])}
          onChange={(each) => setHook(each as Hook)}
        />
        <SelectField
          label="Version"
          value={version}
          options={[
            ["", `${policy.version.slice(0, 8)} · runs`],
            ...policy.versions
              .filter(({ isCurrent }) => !isCurrent)
              .map(
                (each) =>
                  [each.version, `${each.version.slice(0, 8)} · ${clockTime(each.loadedAt)}`] as const,
              ),
          ]}
          onChange={setVersion}
        />
      </div>
      <p class="muted run-origin">
        {record === undefined ? (
          <>
            As a connection of nobody: no headers, no attributes. For those of a session choose{" "}
            <a href={`/policies/${encodeURIComponent(policy.name)}/messages`}>one of its last messages</a>.
          </>
        ) : (
          <>
            In the session of{" "}
            <a href={link("/traffic/websockets", { session: record.session, sel: record.seq })}>
              {frame === undefined ? "a record" : `message ${frame.sequence} of the ${frame.origin}`},{" "}
              {clockTime(record.time)}
            </a>
            {frame !== undefined &&
              !isWhole &&
              ": the message is not kept whole, so say what the policy is to get"}
          </>
        )}
      </p>
      {isMessage && (
        <>
          <div class="run-body-head">
            <Segmented
              label="Message as"
              options={[
                ["text", "Text"],
                ["base64", "Base64"],
              ]}
              current={form}
              onChange={setForm}
            />
            <span class="spread" />
            {form === "text" && toPrettyText(body) !== body && (
              <button type="button" class="button quiet" onClick={() => setWritten(toPrettyText(body))}>
                Indent
              </button>
            )}
            {written !== undefined && frame !== undefined && (
              <button type="button" class="button quiet" onClick={() => setWritten(undefined)}>
                As recorded
              </button>
            )}
          </div>
          <textarea
            class="input run-body mono"
            aria-label="Message"
            spellcheck={false}
            rows={12}
            value={body}
            placeholder={form === "text" ? '{"text":"hi"}' : "aGk="}
            onInput={(event) => setWritten(event.currentTarget.value)}
            onKeyDown={(event) => {
              event.stopPropagation();
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
            }}
          />
        </>
      )}
      <div class="run-go">
        <WriteButton icon="play" look="primary" type="submit" title="Ctrl-Enter" refusal={refusal}>
          {isRunning ? "Running…" : "Run"}
        </WriteButton>
      </div>
    </form>
  );
}

const NO_BASE64 = "The message is no base64";

function isBase64(form: Form, body: string): boolean {
  const text = body.replaceAll(/\s/g, "");
  return form === "text" || (/^[A-Za-z\d+/]*={0,2}$/.test(text) && text.length % 4 === 0);
}

function chooseHook(hooks: readonly Hook[], frame: FrameRecord | undefined): Hook | undefined {
  const wanted: readonly Hook[] = frame === undefined ? ["client", "server"] : [frame.origin];
  return wanted.find((each) => hooks.includes(each)) ?? hooks[0];
}
