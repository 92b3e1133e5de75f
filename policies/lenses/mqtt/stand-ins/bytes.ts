/** What mqtt-packet uses of Node's `Buffer`, of which the package `buffer` is twenty times as long. */
export class Buffer extends Uint8Array {
  /** By this the package `buffer` knows what it may copy to: a policy may have a payload of that. */
  get _isBuffer(): true {
    return true;
  }

  static override from(source: string | ArrayLike<unknown> | Iterable<unknown>): Buffer {
    const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
    const made = new Buffer((bytes as ArrayLike<number>).length);
    made.set(bytes as ArrayLike<number>);
    return made;
  }

  static alloc(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }

  static isBuffer(value: unknown): boolean {
    return value instanceof Uint8Array && "_isBuffer" in value;
  }

  static byteLength(value: string | Uint8Array): number {
    return typeof value === "string" ? new TextEncoder().encode(value).length : value.length;
  }

  writeUInt8(value: number, at: number): void {
    this[at] = value;
  }

  writeUInt16BE(value: number, at: number): void {
    this[at] = value >>> 8;
    this[at + 1] = value;
  }

  writeUInt32BE(value: number, at: number): void {
    this.writeUInt16BE(value >>> 16, at);
    this.writeUInt16BE(value & 0xffff, at + 2);
  }

  write(text: string, at: number): void {
    this.set(new TextEncoder().encode(text), at);
  }

  copy(target: Uint8Array, at: number): void {
    target.set(this, at);
  }
}
