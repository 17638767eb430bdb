import path from "node:path";
import { getProject } from "@/lib/domain/access/api";
import type { Call } from "../arguments";
import { EXIT, type ExitCode } from "../errors";
import { FORMAT_FILE, toFile } from "../files/names";
import { writeFolder } from "../files/write-folder";
import { toFormatFile, toModelFile, toPromptFile } from "../files/write-yaml";
import type { Io } from "../io";
import { readModelFiles, readPromptFiles } from "../remote/read-project";
import type { RestClient } from "../rest-client";

export async function exportProject(io: Io, client: RestClient, call: Call): Promise<ExitCode> {
  const { slug } = await client.call(getProject, {});
  const files = new Map([[FORMAT_FILE, toFormatFile()]]);
  for (const [name, prompt] of await readPromptFiles(client)) files.set(toFile("prompt", name), toPromptFile(prompt));
  for (const [name, model] of await readModelFiles(client)) files.set(toFile("model", name), toModelFile(model));
  const written = await writeFolder(path.resolve(io.cwd, call.directory), files, call);
  if (call.isJson) io.out(`${JSON.stringify({ format: 1, project: slug, ...written }, null, 2)}\n`);
  else {
    for (const file of written.written) io.out(`wrote ${file}\n`);
    for (const file of written.removed) io.out(`removed ${file}\n`);
    io.out(
      `Project ${slug}: ${written.written.length} files written, ${written.unchanged.length} unchanged, ${written.removed.length} removed.\n`,
    );
  }
  return EXIT.done;
}
