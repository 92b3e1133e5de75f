import { useApp } from "../../../state/app.ts";
import { link } from "../../../state/query.ts";

interface RunLinkProps {
  readonly policy: string;
  /** Of the message. */
  readonly seq: number;
  readonly look?: string;
  readonly role?: "menuitem" | undefined;
}

/** To where the policy runs on this message again, outside of traffic. */
export function RunLink({ policy, seq, look, role }: RunLinkProps) {
  const { file } = useApp();
  // The numbers of a file's records are others.
  if (file.value !== undefined) return null;
  return (
    <a
      class={look}
      role={role}
      href={link(`/policies/${encodeURIComponent(policy)}/run`, { seq })}
      title={`Run ${policy} on this message, outside of traffic`}
    >
      {look === undefined ? "Run again" : "Run"}
    </a>
  );
}
