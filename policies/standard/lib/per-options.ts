const MAX_KEPT = 100;

/** What is made of options, made once for all connections that have the same ones. */
export function perOptions<Options extends object, Made>(
  make: (options: Options) => Made,
): (options: Options) => Made {
  // Each connection has options of its own: equal, but another object.
  const byObject = new WeakMap<Options, Made>();
  const byText = new Map<string, Made>();
  return (options) => {
    const known = byObject.get(options);
    if (known !== undefined) return known;
    const text = JSON.stringify(options);
    const made = byText.get(text) ?? make(options);
    // Routes are few, but they can be reloaded often.
    if (byText.size >= MAX_KEPT) byText.clear();
    byText.set(text, made);
    byObject.set(options, made);
    return made;
  };
}
