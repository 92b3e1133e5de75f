/** @returns these bytes of a file, or fewer where it ends before */
export type ReadAt = (position: number, length: number) => Promise<Uint8Array>;

/** Of a program's first bytes: its magic, and where its class and its order of bytes are said (elf.h). */
const MAGIC = 0x7f45_4c46;
const CLASS = 4;
const ORDER = 5;
const LITTLE = 1;
const HEADER_BYTES = 64;
/** The kind of segment that names what loads the program. */
const PT_INTERP = 3;

interface Layout {
  readonly addressBytes: 4 | 8;
  /** Of the header: where the table of segments is, how large an entry is, how many there are. */
  readonly table: number;
  readonly entryBytes: number;
  readonly entries: number;
  /** Of an entry: where its segment is in the file, and how large. */
  readonly offset: number;
  readonly size: number;
}

/** By class: 32 bits, 64 bits. */
const LAYOUTS: Readonly<Record<number, Layout>> = {
  1: { addressBytes: 4, table: 28, entryBytes: 42, entries: 44, offset: 4, size: 16 },
  2: { addressBytes: 8, table: 32, entryBytes: 54, entries: 56, offset: 8, size: 32 },
};

/** The loader of a program that shares libraries; undefined: it has none, or is no such file. */
export async function findLoader(read: ReadAt): Promise<string | undefined> {
  const header = viewOf(await read(0, HEADER_BYTES));
  if (header.byteLength < HEADER_BYTES || header.getUint32(0) !== MAGIC) return undefined;
  const layout = LAYOUTS[header.getUint8(CLASS)];
  if (layout === undefined) return undefined;
  const isLittle = header.getUint8(ORDER) === LITTLE;
  const address = (view: DataView, at: number): number =>
    layout.addressBytes === 4 ? view.getUint32(at, isLittle) : Number(view.getBigUint64(at, isLittle));

  const entryBytes = header.getUint16(layout.entryBytes, isLittle);
  const length = entryBytes * header.getUint16(layout.entries, isLittle);
  const table = viewOf(await read(address(header, layout.table), length));
  for (let at = 0; at + layout.size + layout.addressBytes <= table.byteLength; at += entryBytes) {
    if (table.getUint32(at, isLittle) !== PT_INTERP) continue;
    const path = await read(address(table, at + layout.offset), address(table, at + layout.size));
    return new TextDecoder().decode(path).replace(/\0.*$/s, "");
  }
  return undefined;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
