import { Sparkline } from "../../parts/sparkline.tsx";

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly note: string;
  readonly trend: readonly number[];
  readonly colour: string;
  /** `past`: the value is not of now. */
  readonly tone?: "" | "warn" | "bad" | "past";
  readonly href?: string;
}

export function Tile({ name, value, unit, note, trend, colour, tone = "", href }: TileProps) {
  const content = (
    <>
      <span class="tile-name">{name}</span>
      <span class={`tile-value number ${tone}`}>
        {value}
        {unit && <small>{unit}</small>}
      </span>
      <span class="tile-note number" title={note}>
        {note}
      </span>
      <Sparkline values={trend} colour={colour} />
    </>
  );
  return href === undefined ? (
    <div class="tile">{content}</div>
  ) : (
    <a class="tile" href={href}>
      {content}
    </a>
  );
}
