export function MessageLink({ session, message }: { readonly session: string; readonly message: string }) {
  return (
    <a class="mono" href={`/sessions/${encodeURIComponent(session)}/why/${message}`}>
      {message}
    </a>
  );
}
