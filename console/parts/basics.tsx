import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useApp, useWriteAccess } from "../state/app.ts";
import { ago, fullTime } from "./format.ts";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "" | "good" | "warn" | "bad" | "note" | "accent" | "client" | "server";

interface ButtonProps {
  readonly label?: string;
  readonly icon?: IconName;
  readonly look?: "" | "primary" | "danger" | "quiet";
  readonly isOn?: boolean;
  /** Why it cannot be used now; empty when it can. */
  readonly refusal?: string;
  readonly title?: string;
  readonly type?: "button" | "submit";
  readonly onClick?: () => void;
  readonly children?: ComponentChildren;
}

/** A button that stays focusable when it is disabled, so that its reason can be read. */
export function Button(props: ButtonProps) {
  const { label, icon, look = "", isOn, refusal = "", title, type = "button", onClick, children } = props;
  const isIconOnly = children === undefined && icon !== undefined;
  return (
    <button
      type={type}
      class={`button ${look}${isOn ? " on" : ""}${isIconOnly ? " icon-only" : ""}`}
      title={refusal || title || (isIconOnly ? label : undefined)}
      aria-label={label}
      aria-pressed={isOn}
      aria-disabled={refusal !== "" ? "true" : undefined}
      onClick={(event) => {
        if (refusal !== "") event.preventDefault();
        else onClick?.();
      }}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that changes something in the gateway: refused to readers, with the reason. */
export function WriteButton(props: ButtonProps) {
  const { mayWrite, reason } = useWriteAccess();
  return <Button {...props} refusal={mayWrite ? (props.refusal ?? "") : reason} />;
}

export function Badge({ tone = "", title, children }: BadgeProps) {
  return (
    <span class={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

interface BadgeProps {
  readonly tone?: Tone;
  readonly title?: string | undefined;
  readonly children: ComponentChildren;
}

/** How long ago, with the absolute time as its title. */
export function Ago({ time }: { readonly time: number }) {
  const { clock } = useApp();
  return (
    <time class="number" dateTime={new Date(time).toISOString()} title={fullTime(time)}>
      {ago(time, clock.value)}
    </time>
  );
}

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  /** What to do next. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

export function Empty({ icon, title, children, actions }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} size={28} />
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {actions && <div class="actions">{actions}</div>}
    </div>
  );
}

export function Notice({
  tone,
  children,
}: {
  readonly tone: "note" | "warn" | "bad";
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`}>
      <Icon name={tone === "note" ? "info" : "warn"} />
      <div>{children}</div>
    </div>
  );
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly (readonly [T, ComponentChildren])[];
  readonly current: T;
  readonly onChange: (tab: T) => void;
}

export function Tabs<T extends string>({ label, tabs, current, onChange }: TabsProps<T>) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const index = tabs.findIndex(([name]) => name === current);
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    onChange(next[0]);
    const list = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} tabIndex={-1} onKeyDown={move}>
      {tabs.map(([name, content]) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === current}
          tabIndex={name === current ? 0 : -1}
          onClick={() => onChange(name)}
        >
          {content}
        </button>
      ))}
    </div>
  );
}

interface SegmentedProps<T extends string> {
  readonly label: string;
  readonly options: readonly (readonly [T, string])[];
  readonly current: T;
  readonly onChange: (option: T) => void;
}

export function Segmented<T extends string>({ label, options, current, onChange }: SegmentedProps<T>) {
  return (
    <div class="segmented" role="group" aria-label={label}>
      {options.map(([name, text]) => (
        <button key={name} type="button" aria-pressed={name === current} onClick={() => onChange(name)}>
          {text}
        </button>
      ))}
    </div>
  );
}

export function CopyButton({ text, label }: { readonly text: () => string; readonly label: string }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [isDone]);
  return (
    <Button
      icon={isDone ? "check" : "copy"}
      look="quiet"
      label={isDone ? "Copied" : label}
      onClick={() => {
        void navigator.clipboard?.writeText(text()).then(() => setDone(true));
      }}
    />
  );
}

/** In the place of what was asked for, until it is there. */
export function Loading() {
  return (
    <p class="loading muted" role="status">
      Loading…
    </p>
  );
}

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly footer?: ComponentChildren;
}

export function Dialog({ title, onClose, children, footer }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) ref.current?.close();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header>
        <h2>{title}</h2>
        <span class="spread" />
        <Button icon="close" look="quiet" label="Close" onClick={() => ref.current?.close()} />
      </header>
      <div class="body">{children}</div>
      {footer && <footer>{footer}</footer>}
    </dialog>
  );
}
