const LONG_MS = 60_000;

/** Hold this process while something of ours is under way, and only then: the host's own handles do not. */
export async function keepAlive<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, LONG_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
