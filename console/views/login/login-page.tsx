import { useSignal } from "@preact/signals";
import { Button, Notice } from "../../parts/basics.tsx";
import { Logo } from "../../parts/navigation.tsx";
import { useApp } from "../../state/app.ts";
import "./login.css";

export function LoginPage() {
  const { api, enter } = useApp();
  const token = useSignal("");
  const problem = useSignal("");
  const isBusy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (token.value.trim() === "") {
      problem.value = "Enter a token first.";
      return;
    }
    isBusy.value = true;
    try {
      await api.login(token.value.trim());
      await enter();
    } catch (error) {
      problem.value = (error as Error).message;
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <main class="door">
      <form class="door-card" onSubmit={submit}>
        <Logo size={40} />
        <h1>Sign in to Framegate</h1>
        <p class="muted">
          The token is in the <code>console</code> section of the gateway's config, or, where{" "}
          <code>framegate dev</code> has made one, in the address of this page that it printed. A reader's
          token lets you look, and change nothing.
        </p>
        <label class="field">
          <span>Token</span>
          <input
            class="input mono"
            type="password"
            autocomplete="current-password"
            autofocus
            value={token.value}
            onInput={(event) => {
              token.value = event.currentTarget.value;
              problem.value = "";
            }}
          />
        </label>
        <div aria-live="polite">{problem.value && <Notice tone="bad">{problem.value}</Notice>}</div>
        <Button type="submit" look="primary" refusal={isBusy.value ? "Signing in" : ""}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
