/** Says how often something has happened: the first time at once, then once in a while, however often it happens. */
export function createTally(everyMs: number, say: (count: number) => void): () => void {
  let unsaid = 0;
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    const count = unsaid;
    unsaid = 0;
    timer = count === 0 ? undefined : setTimeout(tell, everyMs).unref();
    if (count > 0) say(count);
  }

  return () => {
    unsaid++;
    if (timer === undefined) tell();
  };
}
