type Field = readonly [name: string, value: string];

/**
 * What `request.headers` is: names in any case, repeated values kept, nothing to write to. The class itself has the name
 * that authors know, for errors call a value by its class.
 */
export const RequestHeaders = class HeaderSet {
  readonly #fields: readonly Field[];

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
    Object.freeze(this);
  }

  get(name: string): string | undefined {
    const values = this.getAll(name);
    return values.length === 0 ? undefined : values.join(", ");
  }

  getAll(name: string): readonly string[] {
    const wanted = String(name).toLowerCase();
    const values: string[] = [];
    for (const [field, value] of this.#fields) if (field.toLowerCase() === wanted) values.push(value);
    return values;
  }

  has(name: string): boolean {
    return this.getAll(name).length > 0;
  }

  keys(): readonly string[] {
    return [...new Set(this.#fields.map(([name]) => name.toLowerCase()))];
  }

  *[Symbol.iterator](): Generator<Field> {
    for (const [name, value] of this.#fields) yield [name, value];
  }

  toJSON(): readonly Field[] {
    return this.#fields.map(([name, value]) => [name, value]);
  }
};
