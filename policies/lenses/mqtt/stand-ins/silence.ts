/** In place of the package debug. */
export function createSilence(): () => void {
  return () => {};
}
