import { useEffect, useRef, useState } from "preact/hooks";
import type { FilterHelp } from "../../../../core/admin/api/traffic/filter-schema.ts";
import { Icon } from "../../../parts/icon.tsx";
import { useApp } from "../../../state/app.ts";
import { type FilterAnswer, type FittingSuggestions, fittingSuggestions } from "./suggestions.ts";

interface FilterInputProps {
  readonly value: string;
  readonly isFrames: boolean;
  /** A filter that can be read. */
  readonly onChange: (filter: string) => void;
}

const ASK_MS = 120;
/** Nobody has written for so long: what stands there is meant. */
const COMMIT_MS = 400;
const NOTHING: FittingSuggestions = { from: 0, to: 0, suggestions: [] };

/** The search: a filter in its language, completed with what there is. */
export function FilterInput({ value, isFrames, onChange }: FilterInputProps) {
  const { api } = useApp();
  const [text, setText] = useState(value);
  const [answer, setAnswer] = useState<FilterAnswer | undefined>(undefined);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const timers = useRef<{ ask?: ReturnType<typeof setTimeout>; commit?: ReturnType<typeof setTimeout> }>({});
  const asked = useRef(0);
  /** Counts what is written: what was meant before is meant no more. */
  const turns = useRef(0);
  /** Until what is written has become the filter, or is found to be none. */
  const isWriting = useRef(false);
  useEffect(() => {
    // What was meant from here comes back while somebody writes on.
    if (!isWriting.current) setText(value);
  }, [value]);
  useEffect(() => () => void startTurn(), []);

  const { from, to, suggestions } =
    isOpen && answer !== undefined ? fittingSuggestions(answer, text) : NOTHING;
  // By its text: it stays chosen when an answer that was on its way puts others beside it.
  const active = suggestions.findIndex((each) => each.text === chosen);

  function startTurn(): number {
    clearTimeout(timers.current.ask);
    clearTimeout(timers.current.commit);
    return ++turns.current;
  }

  async function ask(filter: string, at: number): Promise<FilterHelp | undefined> {
    const turn = ++asked.current;
    const help = await api.filterHelp(filter, at).catch(() => undefined);
    if (turn === asked.current && help !== undefined) setAnswer({ filter, help });
    return help;
  }

  async function commit(filter: string, at: number): Promise<void> {
    const turn = startTurn();
    isWriting.current = true;
    const help = await ask(filter, at);
    if (turn !== turns.current) return;
    isWriting.current = false;
    if (help?.problem === null) onChange(filter);
  }

  function write(next: string, at: number): void {
    startTurn();
    isWriting.current = true;
    setText(next);
    setOpen(true);
    setChosen(undefined);
    timers.current.ask = setTimeout(() => void ask(next, at), ASK_MS);
    timers.current.commit = setTimeout(() => void commit(next, at), COMMIT_MS);
  }

  function accept(index: number): void {
    const accepted = suggestions[index]?.text;
    if (accepted === undefined || field.current === null) return;
    const isWhole = !/[.:>]$/.test(accepted);
    const before = text.slice(0, from) + accepted + (isWhole ? " " : "");
    const after = text.slice(to);
    const next = before + (isWhole ? after.trimStart() : after);
    // At once: the next key may come before the field is drawn anew.
    field.current.value = next;
    field.current.setSelectionRange(before.length, before.length);
    write(next, before.length);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setOpen(true);
      const count = suggestions.length + 1;
      setChosen(suggestions[((active + 1 + step + count) % count) - 1]?.text);
    } else if (event.key === "Tab" && suggestions.length > 0 && !event.shiftKey && text !== "") {
      event.preventDefault();
      accept(Math.max(0, active));
    } else if (event.key === "Enter") {
      if (active !== -1) return accept(active);
      setOpen(false);
      void commit(text, text.length);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (isOpen && suggestions.length > 0) setOpen(false);
      else field.current?.blur();
    }
  }

  const problem = answer?.help.problem ?? null;
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
            void ask(text, currentTarget.selectionStart ?? text.length);
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
