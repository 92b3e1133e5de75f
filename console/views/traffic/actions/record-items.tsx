import type { FrameRecord, TrafficRecord } from "../../../../core/traffic/records.ts";
import { SayDialog } from "../../../parts/acting/say-dialog.tsx";
import { MenuItem } from "../../../parts/menu/menu.tsx";
import { useWriteAccess } from "../../../state/app.ts";
import { RunLink } from "../../policies/run/run-link.tsx";
import { whyLink } from "../words.ts";
import { MarkItem } from "./mark-item.tsx";

interface RecordItemsProps {
  readonly record: TrafficRecord;
  readonly onDone: () => void;
  readonly onResend: (message: FrameRecord) => void;
}

/** In the menus of a record: what can be done with it, but for copying. */
export function RecordItems({ record, onDone, onResend }: RecordItemsProps) {
  const { mayWrite, reason } = useWriteAccess();
  const { message, notKept, policy, isOfSession } = actionsOf(record);
  return (
    <div class="menu-group" role="group" aria-label="More">
      <MarkItem record={record} onDone={onDone} />
      {message !== undefined && (
        <MenuItem
          refusal={mayWrite ? notKept : reason}
          onChoose={() => {
            onDone();
            onResend(message);
          }}
        >
          Edit and resend
        </MenuItem>
      )}
      {policy !== undefined && <RunLink policy={policy} seq={record.seq} look="" role="menuitem" />}
      {isOfSession && <SessionLinks record={record} look="" role="menuitem" />}
    </div>
  );
}

interface SessionLinksProps {
  readonly record: TrafficRecord;
  readonly look: string;
  readonly role?: "menuitem";
}

export function SessionLinks({ record, look, role }: SessionLinksProps) {
  return (
    <>
      <a class={look} role={role} href={whyLink(record)}>
        Why?
      </a>
      <a class={look} role={role} href={`/sessions/${encodeURIComponent(record.session)}`}>
        Session
      </a>
    </>
  );
}

interface ResendDialogProps {
  readonly message: FrameRecord;
  readonly onDone: () => void;
}

export function ResendDialog({ message, onDone }: ResendDialogProps) {
  return (
    <SayDialog
      session={message.session}
      to={message.origin === "client" ? "server" : "client"}
      payload={message.payload}
      onDone={onDone}
    />
  );
}

/** What there is to be done with a record. */
export function actionsOf(record: TrafficRecord) {
  const isOfSession = record.session !== "" && record.kind !== "request";
  const frame = record.kind === "frame" ? record : undefined;
  const message = frame !== undefined && isOfSession && frame.opcode <= BINARY ? frame : undefined;
  return {
    isOfSession,
    message,
    notKept: message?.payload === null && message.length > 0 ? "Its route keeps no payloads." : "",
    policy: frame?.steps.find(({ by }) => by === undefined)?.policy,
  };
}

/** The highest opcode of a message. */
const BINARY = 2;
