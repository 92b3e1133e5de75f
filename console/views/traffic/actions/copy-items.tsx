import type { TrafficRecord } from "../../../../core/traffic/records.ts";
import { type CopyForm, copyForms } from "../../../parts/copy/copy-forms.ts";
import { MenuItem } from "../../../parts/menu/menu.tsx";
import { useApp } from "../../../state/app.ts";
import { useLoaded } from "../../../state/loaded.ts";

/** Items of a menu: what a record can be copied as. */
export function CopyItems({
  record,
  onDone,
}: {
  readonly record: TrafficRecord;
  readonly onDone: () => void;
}) {
  const { api, live, attempt } = useApp();
  const { kind, session } = record;
  const [asked] = useLoaded(async () => {
    if (kind === "upgrade" || kind === "request") return undefined;
    return (await api.traffic({ kind: "upgrade", session, limit: 1 })).records[0];
  }, [session]);
  const begun = asked.value.value;
  const forms = copyForms({
    record,
    begun: begun?.kind === "upgrade" ? begun : undefined,
    listeners: live.info.value?.listeners ?? [],
  });
  const copy = ({ name, text, lacks }: CopyForm) => {
    onDone();
    void attempt(`Copied as ${name}${lacks && `, ${lacks}`}.`, () => toClipboard(text()));
  };
  return (
    <div class="menu-group" role="group" aria-label="Copy as">
      <p class="menu-title">Copy as</p>
      {forms.map((form) => (
        <MenuItem key={form.name} onChoose={() => copy(form)}>
          {form.name}
        </MenuItem>
      ))}
    </div>
  );
}

async function toClipboard(text: string): Promise<void> {
  // Browsers have none for pages that came over plain HTTP from elsewhere.
  if (navigator.clipboard === undefined)
    throw new Error("The browser lets a page copy only over HTTPS, or from localhost: open the console so.");
  await navigator.clipboard.writeText(text);
}
