import { useState } from "preact/hooks";
import type { FrameRecord, TrafficRecord } from "../../../../core/traffic/records.ts";
import { Button, WriteButton } from "../../../parts/basics.tsx";
import { Menu } from "../../../parts/menu/menu.tsx";
import { RunLink } from "../../policies/run/run-link.tsx";
import { CopyItems } from "./copy-items.tsx";
import { actionsOf, RecordItems, ResendDialog, SessionLinks } from "./record-items.tsx";
import "./record-actions.css";

/** What can be done with a record: all of it is in the menu, and beside it what there is room for. */
export function RecordActions({ record }: { readonly record: TrafficRecord }) {
  const [isOpen, setOpen] = useState(false);
  const [resent, setResent] = useState<FrameRecord | undefined>(undefined);
  const close = () => setOpen(false);
  const { message, notKept, policy, isOfSession } = actionsOf(record);
  return (
    <>
      <span class="record-menu">
        <Button
          icon="more"
          look="quiet"
          isOn={isOpen}
          label="Copy as, and more"
          title="Copy as, and more (y)"
          onClick={() => setOpen(!isOpen)}
        />
        {isOpen && (
          <Menu label="Of this record" onClose={close}>
            <CopyItems record={record} onDone={close} />
            <RecordItems record={record} onDone={close} onResend={setResent} />
          </Menu>
        )}
      </span>
      <span class="when-wide">
        {message !== undefined && (
          <WriteButton
            look="quiet"
            icon="test"
            title="Send it again, edited or not, while its session is open"
            refusal={notKept}
            onClick={() => setResent(message)}
          >
            Edit and resend
          </WriteButton>
        )}
        {policy !== undefined && <RunLink policy={policy} seq={record.seq} look="button quiet" />}
      </span>
      <span class="when-roomy">{isOfSession && <SessionLinks record={record} look="button quiet" />}</span>
      {resent !== undefined && <ResendDialog message={resent} onDone={() => setResent(undefined)} />}
    </>
  );
}
