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
