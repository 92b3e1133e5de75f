/** A value that is there, or, where somebody has to be asked for it, will be. */
export type Soon<Value> = Value | Promise<Value>;

/** At once, where nobody has to be waited for: a promise would cost everybody a turn. */
export function whenThere<Given, Made>(given: Soon<Given>, make: (given: Given) => Soon<Made>): Soon<Made> {
  return given instanceof Promise ? given.then(make) : make(given);
}
