import { useState } from "preact/hooks";
import type { TrafficFilter } from "../../../../core/traffic/records.ts";
import { Button } from "../../../parts/basics.tsx";
import { Menu } from "../../../parts/menu/menu.tsx";
import { useApp } from "../../../state/app.ts";

/** What the filter finds, as a file. */
export function ExportMenu({ filter }: { readonly filter: TrafficFilter }) {
  const { api, file } = useApp();
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  const files = [
    [api.harUrl(filter), "HAR", "for other tools"],
    // That has what is recorded, and not what is in a file.
    ...(file.value === undefined
      ? [[api.recordingUrl(filter), "Recording", "for framegate replay"] as const]
      : []),
  ] as const;
  return (
    <div class="export-menu">
      <Button
        icon="download"
        look="quiet"
        label="Export"
        title="Export what the filter finds"
        isOn={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="wide">Export</span>
      </Button>
      {isOpen && (
        <Menu label="Export" onClose={close}>
          {files.map(([href, name, use]) => (
            <a key={name} role="menuitem" tabIndex={-1} href={href} download onClick={close}>
              {name} <span class="muted">{use}</span>
            </a>
          ))}
        </Menu>
      )}
    </div>
  );
}
