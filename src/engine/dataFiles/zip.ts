import * as zlib from 'node:zlib';
import { refuseData } from './array';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record and the longest comment behind it. */
const LONGEST_END = 22 + 0xffff;
const MOST_ENTRIES = 1000;
const IN_ZIP64 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
const AGAIN = 'write it again with np.savez';

/** A member of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: number;
  /** Its content. @throws InputError where it is damaged, or larger than it says. */
  read(): Buffer;
}

/** The archive's end record. */
function endOf(file: Buffer): number | undefined {
  for (let at = file.length - 22; at >= Math.max(0, file.length - LONGEST_END); at--) {
    if (file.readUInt32LE(at) === END) return at;
  }
  return undefined;
}

/**
 * The members of a ZIP archive, as its directory lists them; nothing is unpacked before it is asked for, and never more than
 * `mostBytes` together.
 * @throws InputError for what is no such archive.
 */
export function zipEntries(file: Buffer, place: string, mostBytes: number): ZipEntry[] {
  const damaged = () => refuseData(place, 'the archive is damaged', AGAIN);
  const end = endOf(file);
  if (end === undefined) return refuseData(place, 'this is no .npz file', AGAIN);
  const count = file.readUInt16LE(end + 10);
  if (count > MOST_ENTRIES) refuseData(place, `${count} arrays in one archive`, `write at most ${MOST_ENTRIES}`);
  let at = file.readUInt32LE(end + 16);
  let total = 0;
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > file.length || file.readUInt32LE(at) !== ENTRY) damaged();
    const [flags, method] = [file.readUInt16LE(at + 8), file.readUInt16LE(at + 10)];
    const [sum, packed, bytes] = [file.readUInt32LE(at + 16), file.readUInt32LE(at + 20), file.readUInt32LE(at + 24)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => file.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const local = file.readUInt32LE(at + 42);
    const name = file.toString('utf8', at + 46, at + 46 + nameLength);
    total += bytes;
    if (packed === IN_ZIP64 || bytes === IN_ZIP64 || local === IN_ZIP64 || total > mostBytes) {
      const gigabytes = mostBytes / 1e9;
      refuseData(place, `its arrays take more than ${gigabytes} GB`, 'save fewer samples, as in x[:10000]');
    }
    if (flags & 1) refuseData(place, `${name} is encrypted`, AGAIN);
    if (method !== STORED && method !== DEFLATED) refuseData(place, `${name} is packed in an unknown way`, AGAIN);
    entries.push({
      name,
      bytes,
      read() {
        if (local + 30 > file.length || file.readUInt32LE(local) !== LOCAL) damaged();
        const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
        const body = file.subarray(start, start + packed);
        const content = method === STORED ? body : inflate(body, bytes, damaged);
        if (content.length !== bytes || checksum(content, sum) !== sum) damaged();
        return content;
      },
    });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}

/** The CRC-32 of a content; before Node 20.15 there is none, and lengths alone are checked. */
const checksum = (content: Buffer, stated: number): number => (zlib as Partial<typeof zlib>).crc32?.(content) ?? stated;

/** Unpacks at most as much as was said; more is an error and not memory. */
function inflate(body: Buffer, bytes: number, damaged: () => never): Buffer {
  try {
    return zlib.inflateRawSync(body, { maxOutputLength: Math.max(1, bytes) });
  } catch {
    return damaged();
  }
}
