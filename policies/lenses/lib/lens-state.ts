/** What a lens itself knows of a connection: a member of `session`, beside what the author of the policy keeps there. */
export function lensState<State extends object>(
  { session }: { readonly session: { lens?: State } },
  initial: () => State,
): State {
  session.lens ??= initial();
  return session.lens;
}
