export function PolicyLink({ policy, version }: { readonly policy: string; readonly version: string }) {
  return (
    <>
      <a href={`/policies/${encodeURIComponent(policy)}`}>{policy}</a>{" "}
      <span class="muted mono" title="Version">
        {version.slice(0, 8)}
      </span>
    </>
  );
}
