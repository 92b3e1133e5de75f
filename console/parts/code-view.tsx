import type { ComponentChildren } from "preact";
import { VisibleText } from "./visible-text.tsx";

/** Comments and strings first, for what looks like a keyword in them is none. */
const PARTS =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|(?<word>\b(?:import|export|from|type|interface|const|let|function|return|if|else|for|while|of|in|new|class|extends|async|await|try|catch|finally|throw|switch|case|default|break|continue|typeof|instanceof|void|null|undefined|true|false|as|satisfies)\b)|(?<number>\b\d[\d_.]*\b)/g;

/** TypeScript with line numbers and light colours. */
export function CodeView({ text }: { readonly text: string }) {
  const lines = colour(text.replace(/\n$/, ""));
  return (
    <pre class="code source-code" tabIndex={0}>
      {lines.map((line, index) => (
        <div key={index} class="source-line">
          <span class="line-number" aria-hidden="true">
            {index + 1}
          </span>
          <span>{line}</span>
          {"\n"}
        </div>
      ))}
    </pre>
  );
}

function colour(text: string): readonly ComponentChildren[][] {
  const lines: ComponentChildren[][] = [[]];
  const add = (part: string, name: string | undefined) => {
    part.split("\n").forEach((piece, index) => {
      if (index > 0) lines.push([]);
      if (piece === "") return;
      lines.at(-1)!.push(
        name === undefined ? (
          <VisibleText text={piece} />
        ) : (
          <span class={`t-${name}`}>
            <VisibleText text={piece} />
          </span>
        ),
      );
    });
  };
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    if (match.index > end) add(text.slice(end, match.index), undefined);
    const name = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0];
    add(match[0], name);
    end = match.index + match[0].length;
  }
  add(text.slice(end), undefined);
  return lines;
}
