interface SparklineProps {
  readonly values: readonly number[];
  /** A custom property of tokens.css. */
  readonly colour: string;
}

const WIDTH = 100;
const HEIGHT = 28;

export function Sparkline({ values, colour }: SparklineProps) {
  if (values.length < 2) return <svg class="sparkline" aria-hidden="true" />;
  const most = Math.max(...values, 1e-9);
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * WIDTH;
    const y = HEIGHT - 2 - (value / most) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      style={{ color: `var(${colour})` }}
    >
      <polygon points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
