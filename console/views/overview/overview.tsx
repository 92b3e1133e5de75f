export function Overview() {
  return <div />;
}
