import { closeSync, fdatasync, fsync, ftruncateSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { promisify } from "node:util";

/** The calls that can fail when a disk is full or broken; tests put their own in. */
export interface SpoolFiles {
  openForAppend(file: string): number;
  /** Writes all bytes at the position or throws, leaving the file's readable part as it was. */
  append(fd: number, bytes: Buffer, position: number): void;
  /** Makes a file's bytes durable, without blocking. */
  sync(fd: number): Promise<void>;
  /** Makes a folder's names durable, without blocking. */
  syncFolder(folder: string): Promise<void>;
  close(fd: number): void;
  remove(file: string): void;
  /** Space that is given up when the disk is full, so that running requests can still be recorded. */
  reserve(file: string, bytes: number): void;
}

class ShortWriteError extends Error {
  readonly code = "ENOSPC";
}

const fdatasyncAsync = promisify(fdatasync);
const fsyncAsync = promisify(fsync);

export const systemSpoolFiles: SpoolFiles = {
  openForAppend: (file) => openSync(file, "wx", 0o600),
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
  close: closeSync,
  remove: (file) => rmSync(file, { force: true }),
  reserve: (file, bytes) => writeFileSync(file, Buffer.alloc(bytes, 0x5a)),
};

export function createSpoolFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}
