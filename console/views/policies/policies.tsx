export function Policies() {
  return <div />;
}
