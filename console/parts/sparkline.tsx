interface SparklineProps {
  readonly values: readonly number[];
  /** A custom property of tokens.css. */
  readonly colour: string;
}

const width = 100;
const height = 28;

export function Sparkline({ values, colour }: SparklineProps) {
  if (values.length < 2) return <svg class="sparkline" aria-hidden="true" />;
  const most = Math.max(...values, 1e-9);
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * width;
    const y = height - 2 - (value / most) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      style={{ color: `var(${colour})` }}
    >
      <polygon points={`0,${height} ${points.join(" ")} ${width},${height}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
