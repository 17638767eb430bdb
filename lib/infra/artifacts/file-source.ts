import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { isWithin } from "@/lib/core/artifacts";
import { ArtifactError, type ArtifactStream, type SourceOptions } from "./source";

const PIECE_BYTES = 1024 * 1024;

function toArtifactError(error: unknown): ArtifactError {
  if (error instanceof ArtifactError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return new ArtifactError("not_found", "There is no file at this path.", { cause: error });
  if (code === "EACCES" || code === "EPERM")
    return new ArtifactError("access_denied", "The worker may not read this file.", { cause: error });
  return new ArtifactError("connection_failed", `Reading the file failed (${code || "unknown"}).`, { cause: error, isPassing: true });
}

const outside = () =>
  new ArtifactError("outside_roots", "The file does not lie in a folder that the operator allows (SWITCHYARD_ARTIFACT_ROOTS).");

async function assertInside(path: string, roots: readonly string[]): Promise<string> {
  const folders = (await Promise.all(roots.map((root) => realpath(root).catch(() => null)))).filter((root) => root !== null);
  // By its text first: whether a file outside is there is nobody's business.
  if (!isWithin(path, roots)) throw outside();
  const real = await realpath(path);
  if (!isWithin(real, folders)) throw outside();
  return real;
}

/** Opens without following a link and without waiting for a pipe's other end, then makes sure that what was opened is what was checked. */
async function openChecked(path: string, roots: readonly string[]): Promise<{ file: FileHandle; sizeBytes: number }> {
  const real = await assertInside(path, roots);
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = await file.stat();
    if (!opened.isFile()) throw new ArtifactError("not_a_file", "At this path is no plain file.");
    // A folder on the way may have become a link between the check and the opening.
    const now = await stat(await assertInside(path, roots));
    if (now.dev !== opened.dev || now.ino !== opened.ino) throw outside();
    return { file, sizeBytes: opened.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Two buffers in turns: the next piece is read while the last one is used. */
async function* readPieces(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)] as const;
  let position = 0;
  const read = (turn: number) => {
    const reading = file.read(buffers[turn % 2 === 0 ? 0 : 1], 0, PIECE_BYTES, position);
    // It is looked at one turn later: until then a failure must not count as unhandled.
    reading.catch(() => {});
    return reading;
  };
  let next = read(0);
  try {
    for (let turn = 1; ; turn++) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      position += bytesRead;
      next = read(turn);
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toArtifactError(error);
  } finally {
    await next.catch(() => {});
  }
}

/** A file in one of the operator's folders; links are followed only to where they stay inside. @throws ArtifactError */
export async function openFile(path: string, { roots, signal }: SourceOptions): Promise<ArtifactStream> {
  if (roots.length === 0)
    throw new ArtifactError(
      "outside_roots",
      "This installation reads no files: the operator allows folders with SWITCHYARD_ARTIFACT_ROOTS.",
    );
  try {
    const { file, sizeBytes } = await openChecked(path, roots);
    return { sizeBytes, pieces: readPieces(file, signal), close: () => file.close() };
  } catch (error) {
    throw toArtifactError(error);
  }
}
