export function TestClient() {
  return <div />;
}
