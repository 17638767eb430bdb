import { dataFolderPath } from "../data-folder";
import { endProcess, isAlive } from "../process/identity";
import { endOrphans, readRun } from "./run-file";

const PATIENCE_MS = 90_000;

/** npm run down; returns the exit code. */
export async function down(): Promise<number> {
  const dataFolder = dataFolderPath();
  const run = readRun(dataFolder);
  if (run === null) {
    console.log(`Nothing runs for ${dataFolder}.`);
    return 0;
  }
  if (isAlive(run.supervisor)) {
    console.log(`Stopping (pid ${run.supervisor.pid}) …`);
    await endProcess(run.supervisor, "SIGTERM", PATIENCE_MS);
  }
  const orphans = await endOrphans(dataFolder);
  if (orphans.length > 0) console.log(`Ended what was left: ${orphans.join(", ")}`);
  console.log("Everything has stopped.");
  return 0;
}
