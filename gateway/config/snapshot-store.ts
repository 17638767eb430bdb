import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { SnapshotVersion } from "./verify-snapshot";
import { compareVersions } from "./verify-snapshot";

/** How many snapshots stay on disk: the newest serves, the others stand in when its file is damaged. */
const KEPT = 3;
const FILE = /^(\d+)-(\d+)\.json$/;

export interface StoredSnapshot extends SnapshotVersion {
  readonly file: string;
}

/** The gateway's own copies of the last good snapshots: whole signed envelopes, one file each, never changed after their rename. */
export class SnapshotStore {
  constructor(private readonly folder: string) {}

  /** Newest first, judged by file name only. Empty when there is none yet. */
  async list(): Promise<StoredSnapshot[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .flatMap((name) => {
        const match = FILE.exec(name);
        return match === null ? [] : [{ epoch: Number(match[1]), generation: Number(match[2]), file: path.join(this.folder, name) }];
      })
      .sort((a, b) => compareVersions(b, a));
  }

  read(snapshot: StoredSnapshot): Promise<string> {
    return readFile(snapshot.file, "utf8");
  }

  /** Durable when it returns: file and folder are fsynced. A crash at any point leaves the older files as they were. */
  async save(version: SnapshotVersion, text: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = path.join(this.folder, `${version.epoch}-${version.generation}.json`);
    const temporary = `${file}.tmp`;
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(this.folder);
    for (const old of (await this.list()).slice(KEPT)) await rm(old.file, { force: true });
  }
}

/** Makes names that were created, renamed or removed in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
