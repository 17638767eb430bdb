import path from "node:path";
import type { Call } from "../arguments";
import { CommandError } from "../errors";
import { type Folder, readFolder } from "../files/read-folder";
import type { Mistake } from "../files/read-yaml";
import type { Io } from "../io";
import { makePlan, planDigest } from "../plan/make-plan";
import type { Plan, RemoteProject } from "../plan/types";
import { readForPlan } from "../remote/read-for-plan";
import type { RestClient } from "../rest-client";

/** What is wrong with the files, all of it. */
export class FolderMistakes extends CommandError {
  constructor(readonly mistakes: readonly Mistake[]) {
    super(
      mistakes.length === 1
        ? "The directory has a mistake. Nothing was done."
        : `The directory has ${mistakes.length} mistakes. Nothing was done.`,
      mistakes.map(
        ({ file, line, column, pointer, detail }) => `${file}:${line}:${column}: ${pointer === "" ? "" : `${pointer} `}${detail}`,
      ),
    );
  }
}

export interface Opened {
  readonly folder: Folder;
  readonly remote: RemoteProject;
  readonly plan: Plan;
  readonly digest: string;
}

/** Reads the directory, then the server, and compares them. @throws CommandError */
export async function openPlan(io: Io, client: RestClient, call: Call): Promise<Opened> {
  const folder = await readFolder(path.resolve(io.cwd, call.directory));
  if ("mistakes" in folder) throw new FolderMistakes(folder.mistakes);
  const remote = await readForPlan(client, folder);
  const plan = makePlan(folder, remote);
  return { folder, remote, plan, digest: planDigest(plan, remote.slug) };
}
