import { useApp } from "../state/app.ts";
import { Dialog } from "./basics.tsx";
import { shortcuts } from "./shortcuts.ts";

export function HelpDialog() {
  const { isHelpOpen } = useApp();
  return (
    <Dialog
      title="Keyboard shortcuts"
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      {shortcuts.map(([group, keys]) => (
        <section key={group} class="shortcuts">
          <h3>{group}</h3>
          <dl>
            {keys.map(([names, what]) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>
                  {names.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
