import { useState } from "preact/hooks";
import type { TrafficRecord } from "../../../../core/traffic/records.ts";
import { SayDialog } from "../../../parts/acting/say-dialog.tsx";
import { Button, WriteButton } from "../../../parts/basics.tsx";
import { Menu, MenuItem } from "../../../parts/menu/menu.tsx";
import { useWriteAccess } from "../../../state/app.ts";
import { RunLink } from "../../policies/run/run-link.tsx";
import { whyLink } from "../words.ts";
import { CopyItems } from "./copy-items.tsx";
import { MarkItem } from "./mark-item.tsx";
import "./record-actions.css";

/** What can be done with a record: all of it is in the menu, and beside it what there is room for. */
export function RecordActions({ record }: { readonly record: TrafficRecord }) {
  const [isOpen, setOpen] = useState(false);
  const [isResending, setResending] = useState(false);
  const { mayWrite, reason } = useWriteAccess();
  const close = () => setOpen(false);
  const message = record.kind === "frame" && record.opcode <= BINARY ? record : undefined;
  const notKept = message?.payload === null && message.length > 0 ? "Its route keeps no payloads." : "";
  const policy =
    record.kind === "frame" ? record.steps.find(({ by }) => by === undefined)?.policy : undefined;
  const isOfSession = record.session !== "" && record.kind !== "request";
  const run = (look: string, role?: "menuitem") =>
    policy === undefined ? null : <RunLink policy={policy} seq={record.seq} {...{ look, role }} />;
  const links = (look: string, role?: "menuitem") =>
    !isOfSession ? null : (
      <>
        <a class={look} role={role} href={whyLink(record)}>
          Why?
        </a>
        <a class={look} role={role} href={`/sessions/${encodeURIComponent(record.session)}`}>
          Session
        </a>
      </>
    );
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
            <div class="menu-group" role="group" aria-label="More">
              <MarkItem record={record} onDone={close} />
              {message !== undefined && isOfSession && (
                <MenuItem
                  refusal={mayWrite ? notKept : reason}
                  onChoose={() => {
                    close();
                    setResending(true);
                  }}
                >
                  Edit and resend
                </MenuItem>
              )}
              {run("", "menuitem")}
              {links("", "menuitem")}
            </div>
          </Menu>
        )}
      </span>
      <span class="when-wide">
        {message !== undefined && isOfSession && (
          <WriteButton
            look="quiet"
            icon="test"
            title="Send it again, edited or not, while its session is open"
            refusal={notKept}
            onClick={() => setResending(true)}
          >
            Edit and resend
          </WriteButton>
        )}
        {run("button quiet")}
      </span>
      <span class="when-roomy">{links("button quiet")}</span>
      {isResending && message !== undefined && (
        <SayDialog
          session={message.session}
          to={message.origin === "client" ? "server" : "client"}
          payload={message.payload}
          onDone={() => setResending(false)}
        />
      )}
    </>
  );
}

/** The highest opcode of a message. */
const BINARY = 2;
