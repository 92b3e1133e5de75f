import { useApp } from "../../state/app.ts";
import { Button } from "../basics.tsx";
import { plural } from "../format.ts";
import { Icon } from "../icon.tsx";
import { toOneLine } from "../visible-text.tsx";
import "./files.css";

/** On every page: that what is shown of traffic is a file's, and the way back. */
export function FileBar() {
  const { api, file } = useApp();
  const opened = file.value;
  if (opened === undefined) return null;
  return (
    <section class="file-bar" aria-label="File">
      <Icon name="open" />
      <span class="file-words">
        Traffic is from <strong>{toOneLine(opened.name)}</strong>, not live:{" "}
        {plural(opened.sessions, "session")}, {plural(opened.records, "record")}
      </span>
      <Button
        icon="close"
        onClick={() => {
          file.value = undefined;
          void api.closeFile(opened.id).catch(() => undefined);
        }}
      >
        Back to live
      </Button>
    </section>
  );
}
