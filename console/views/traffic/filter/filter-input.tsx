import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { FilterHelp } from "../../../../core/admin/api/traffic/filter-schema.ts";
import { Icon } from "../../../parts/icon.tsx";
import { useApp } from "../../../state/app.ts";

interface FilterInputProps {
  readonly value: string;
  readonly isFrames: boolean;
  /** A filter that can be read. */
  readonly onChange: (filter: string) => void;
}

const ASK_MS = 120;
/** Nobody has written for so long: what stands there is meant. */
const COMMIT_MS = 400;

/** The search: a filter in its language, completed with what there is. */
export function FilterInput({ value, isFrames, onChange }: FilterInputProps) {
  const { api } = useApp();
  const [text, setText] = useState(value);
  const [help, setHelp] = useState<FilterHelp | undefined>(undefined);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const timers = useRef<{ ask?: ReturnType<typeof setTimeout>; commit?: ReturnType<typeof setTimeout> }>({});
  const asked = useRef(0);
  const meant = useRef<string | undefined>(undefined);
  /** Where to go on, when the text is there. */
  const caret = useRef<number | undefined>(undefined);
  useEffect(() => {
    // What was meant from here comes back while somebody writes on.
    if (value !== meant.current) setText(value);
    meant.current = undefined;
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timers.current.ask);
      clearTimeout(timers.current.commit);
    },
    [],
  );

  useLayoutEffect(() => {
    if (caret.current === undefined) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  }, [text]);

  const suggestions = isOpen ? (help?.suggestions ?? []) : [];

  async function ask(filter: string, at: number, isCommitted: boolean): Promise<void> {
    const turn = ++asked.current;
    const answer = await api.filterHelp(filter, at).catch(() => undefined);
    if (turn !== asked.current || answer === undefined) return;
    setHelp(answer);
    // What is meant now is what was asked for before: somebody may be choosing.
    if (!isCommitted) setActive(-1);
    if (!isCommitted || answer.problem !== null) return;
    if (filter !== value) meant.current = filter;
    onChange(filter);
  }

  function write(next: string, at: number): void {
    setText(next);
    setOpen(true);
    clearTimeout(timers.current.ask);
    clearTimeout(timers.current.commit);
    timers.current.ask = setTimeout(() => void ask(next, at, false), ASK_MS);
    timers.current.commit = setTimeout(() => void ask(next, at, true), COMMIT_MS);
  }

  function accept(index: number): void {
    const chosen = suggestions[index];
    if (chosen === undefined || help === undefined) return;
    const isWhole = !/[.:>]$/.test(chosen.text);
    const before = text.slice(0, help.from) + chosen.text + (isWhole ? " " : "");
    const after = text.slice(help.to);
    write(before + (isWhole ? after.trimStart() : after), before.length);
    caret.current = before.length;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setOpen(true);
      const count = suggestions.length + 1;
      setActive(((active + 1 + step + count) % count) - 1);
    } else if (event.key === "Tab" && suggestions.length > 0 && !event.shiftKey && text !== "") {
      event.preventDefault();
      accept(Math.max(0, active));
    } else if (event.key === "Enter") {
      if (active !== -1) return accept(active);
      clearTimeout(timers.current.commit);
      setOpen(false);
      void ask(text, text.length, true);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (isOpen && suggestions.length > 0) setOpen(false);
      else field.current?.blur();
    }
  }

  const problem = help?.problem ?? null;
  const isWrong = problem !== null && text !== "" && text !== value;
  return (
    <div class="filter-field">
      <label class={`filter-search${isWrong ? " wrong" : ""}`}>
        <Icon name="search" />
        <span class="sr-only">Search</span>
        <input
          ref={field}
          type="text"
          // biome-ignore lint/a11y/noRedundantRoles: a field without a list of the browser's is no combobox by itself
          role="combobox"
          list={undefined}
          aria-autocomplete="list"
          aria-expanded={suggestions.length > 0}
          aria-controls="filter-suggestions"
          aria-activedescendant={active === -1 ? undefined : `filter-suggestion-${active}`}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? "filter-problem" : undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          placeholder={
            isFrames ? "Filter: route:chat size>1KiB !pong /re/i" : "Filter: status:4xx host:example"
          }
          onInput={({ currentTarget }) =>
            write(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)
          }
          onFocus={({ currentTarget }) => {
            setOpen(true);
            void ask(text, currentTarget.selectionStart ?? text.length, false);
          }}
          onBlur={() => setOpen(false)}
          onKeyDown={onKeyDown}
        />
        <kbd>/</kbd>
      </label>
      <div
        id="filter-suggestions"
        class="suggestions popover"
        role="listbox"
        aria-label="Suggestions"
        hidden={suggestions.length === 0}
      >
        {suggestions.map(({ text: suggestion, says }, index) => (
          <div
            key={suggestion}
            id={`filter-suggestion-${index}`}
            role="option"
            aria-selected={index === active}
            ref={(element) => {
              if (index === active) element?.scrollIntoView({ block: "nearest" });
            }}
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => accept(index)}
          >
            <code>{suggestion}</code> <span class="muted">{says.replaceAll("`", "")}</span>
          </div>
        ))}
      </div>
      {isWrong && suggestions.length === 0 && (
        <p id="filter-problem" class="filter-problem popover" role="status">
          {problem.message}
        </p>
      )}
    </div>
  );
}
