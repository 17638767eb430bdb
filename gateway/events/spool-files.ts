import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import type { Segment } from "./segment";

/** The calls that can fail when a disk is full or broken; tests put their own in. */
export interface SpoolFiles {
  openForAppend(file: string): number;
  /** Writes all bytes at the position or throws, leaving the file's readable part as it was. */
  append(fd: number, bytes: Buffer, position: number): void;
  /** Makes a file's bytes durable, without blocking. */
  sync(fd: number): Promise<void>;
  /** Makes a folder's names durable, without blocking. */
  syncFolder(folder: string): Promise<void>;
  /** Whether the file still has a name: one that was removed takes writes and keeps them for nobody. */
  isLinked(fd: number): boolean;
  /** Writes the first bytes of one file to another. */
  copy(from: number, to: number, bytes: number): void;
  close(fd: number): void;
  remove(file: string): void;
  /** Space that is given up when the disk is full, so that running requests can still be recorded. */
  reserve(file: string, bytes: number): void;
}

const COPY_BYTES = 1_048_576;

class ShortWriteError extends Error {
  readonly code = "ENOSPC";
}

const fdatasyncAsync = promisify(fdatasync);
const fsyncAsync = promisify(fsync);

export const systemSpoolFiles: SpoolFiles = {
  openForAppend: (file) => openSync(file, "wx+", 0o600),
  append(fd, bytes, position) {
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = writeSync(fd, bytes, written, bytes.length - written, position + written);
        if (count === 0) throw new ShortWriteError("the disk took no byte");
        written += count;
      }
    } catch (error) {
      // A part of the record may stand there already: later records must not follow it.
      ftruncateSync(fd, position);
      throw error;
    }
  },
  sync: (fd) => fdatasyncAsync(fd),
  async syncFolder(folder) {
    const fd = openSync(folder, "r");
    try {
      await fsyncAsync(fd);
    } finally {
      closeSync(fd);
    }
  },
  isLinked: (fd) => fstatSync(fd).nlink > 0,
  copy(from, to, bytes) {
    const buffer = Buffer.alloc(COPY_BYTES);
    for (let at = 0; at < bytes; ) {
      const count = readSync(from, buffer, 0, Math.min(buffer.length, bytes - at), at);
      if (count === 0) throw new ShortWriteError("the file ends before its records do");
      this.append(to, buffer.subarray(0, count), at);
      at += count;
    }
  },
  close: closeSync,
  remove: (file) => rmSync(file, { force: true }),
  reserve: (file, bytes) => writeFileSync(file, Buffer.alloc(bytes, 0x5a)),
};

export function createSpoolFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** The file of a segment that has no name any more, with all of its records, under its old name. */
export function writeAnew(files: SpoolFiles, folder: string, { segment, fd }: { readonly segment: Segment; readonly fd: number }): number {
  createSpoolFolder(folder);
  const fresh = files.openForAppend(segment.file);
  try {
    files.copy(fd, fresh, segment.bytes);
    return fresh;
  } catch (error) {
    files.close(fresh);
    files.remove(segment.file);
    throw error;
  }
}
