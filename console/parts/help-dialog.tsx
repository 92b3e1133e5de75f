import { useApp } from "../state/app.ts";
import { Dialog } from "./basics.tsx";
import { GLOSSARY } from "./glossary.ts";
import { shortcuts } from "./shortcuts.ts";

export function HelpDialog() {
  const { isHelpOpen } = useApp();
  return (
    <Dialog
      title="Keys and words"
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
      {Object.entries(GLOSSARY).map(([group, words]) => (
        <section key={group} class="glossary">
          <h3>{group}</h3>
          <dl>
            {Object.entries(words).map(([word, meaning]) => (
              <div key={word}>
                <dt>{word}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
