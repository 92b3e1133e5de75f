export function Sessions() {
  return <div />;
}
