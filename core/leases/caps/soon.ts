/** A value that is there, or, where somebody has to be asked for it, will be. */
export type Soon<Value> = Value | Promise<Value>;

/** At once, where nobody has to be waited for: a promise would cost everybody a turn. */
export function whenThere<Given, Made>(given: Soon<Given>, make: (given: Given) => Soon<Made>): Soon<Made> {
  return given instanceof Promise ? given.then(make) : make(given);
}

/** The same for what is to be done whichever way it ends. */
export function whenOver<Value>(given: Soon<Value>, act: () => void): Soon<Value> {
  if (given instanceof Promise) return given.finally(act);
  act();
  return given;
}
