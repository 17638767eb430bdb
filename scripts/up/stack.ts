import path from "node:path";
import { emptyDataFolder, openDataFolder, projectRoot } from "../data-folder";
import { identify } from "../process/identity";
import { plainEnvironment, runCommand } from "../process/run-command";
import { loadSecrets } from "../secrets";
import { endLocalServers } from "../services/local";
import { clearPostgres } from "../services/postgres";
import { type AppContext, appServices, toolEnvironment } from "./app-services";
import { UP_LOG } from "./detach";
import { startDatabase, startRedis } from "./infra-services";
import { portProblems } from "./port-problems";
import { takeRelease } from "./release";
import { claimRun, endOrphans, RUN_FILE, type RunRecord, removeRun, writeRun } from "./run-file";
import type { Settings } from "./settings";
import { summarise } from "./summary";
import { Supervisor } from "./supervisor";

export interface StackOptions {
  settings: Settings;
  signal: AbortSignal;
  say: (line: string) => void;
}

const nodeScript = (args: string[], env: Record<string, string> = {}) => ({
  command: process.execPath,
  args,
  cwd: projectRoot,
  env: { ...plainEnvironment(), ...env },
});

async function endFormerRun({ settings, say }: StackOptions): Promise<void> {
  const orphans = await endOrphans(settings.dataFolder);
  if (orphans.length > 0) say(`A former run was cut off; ended what it left behind: ${orphans.join(", ")}`);
}

/** One running copy: from an empty machine to everything ready, and back. */
export class Stack {
  readonly #options: StackOptions;
  readonly #run: RunRecord;
  #supervisor: Supervisor | null = null;
  #isClaimed = false;

  constructor(options: StackOptions) {
    this.#options = options;
    const supervisor = identify(process.pid);
    if (supervisor === null) throw new Error("this process cannot be found in the system's list of processes");
    this.#run = { supervisor, isReady: false, summary: [], children: [] };
  }

  /** Starts everything; returns the lines that say where it is. */
  async start(): Promise<string[]> {
    const { settings, signal, say } = this.#options;
    openDataFolder(settings.dataFolder);
    await endFormerRun(this.#options);
    if (!claimRun(settings.dataFolder, this.#run)) throw new Error("Another copy is just starting on this data folder.");
    this.#isClaimed = true;
    for (const name of await endLocalServers(settings.dataFolder))
      say(`Ended the ${name} that was started by itself, to start it again here`);
    const taken = await portProblems(settings);
    if (taken.length > 0) throw new Error(taken.join("\n"));
    if (settings.options.fresh) this.#empty();
    const supervisor = new Supervisor({
      logFolder: path.join(settings.dataFolder, "logs"),
      say,
      onChange: (children) => this.#save({ children }),
    });
    this.#supervisor = supervisor;
    await runCommand(nodeScript(["scripts/build.mjs", "--if-changed"]), { signal, onLine: (line) => say(`  ${line}`) });
    const secrets = loadSecrets(settings.dataFolder);
    const start = { settings, secrets, supervisor, signal };
    const [{ databaseUrl, ownerUrl }, { redisUrl, description }] = await Promise.all([startDatabase(start), startRedis(start)]);
    say(settings.externalDatabaseUrl === null ? `PostgreSQL on port ${settings.ports.POSTGRES_PORT}` : "PostgreSQL of DATABASE_URL");
    say(description);
    signal.throwIfAborted();
    // A process of its own: the migration engine is large, and this one stays.
    const migrate = nodeScript(["--import", "tsx", "scripts/migrate.ts", "deploy"], {
      DATABASE_URL: databaseUrl,
      DATABASE_OWNER_URL: ownerUrl,
    });
    await runCommand(migrate, { signal, onLine: (line) => say(`Migrations: ${line}`) });
    const context: AppContext = { settings, secrets, databaseUrl, redisUrl, releaseFolder: takeRelease() };
    await this.#seed(context, ownerUrl);
    const firstAdmin = await this.#firstAdmin(context);
    await this.#startApp(context, supervisor);
    const summary = summarise(settings, firstAdmin);
    this.#save({ isReady: true, summary });
    return summary;
  }

  /** Ends everything that was started, in reverse order. */
  async stop(): Promise<void> {
    await this.#supervisor?.stopAll();
    if (this.#isClaimed) removeRun(this.#options.settings.dataFolder);
  }

  /** Ends it without waiting. */
  hurry(): void {
    this.#supervisor?.hurry();
  }

  #empty(): void {
    const { dataFolder } = this.#options.settings;
    emptyDataFolder(dataFolder, [RUN_FILE, path.join("logs", UP_LOG)]);
    clearPostgres(dataFolder);
    openDataFolder(dataFolder);
    this.#options.say(`Emptied ${dataFolder}`);
  }

  async #seed(context: AppContext, ownerUrl: string): Promise<void> {
    const { settings, signal, say } = this.#options;
    if (!settings.demo.seed) return;
    say("Seeding the demo …");
    const command = nodeScript(["--import", "tsx", "scripts/demo-seed.ts"], toolEnvironment(context, ownerUrl));
    await runCommand(command, { signal, onLine: (line) => say(`  ${line}`) });
  }

  async #startApp(context: AppContext, supervisor: Supervisor): Promise<void> {
    const { signal, say } = this.#options;
    const services = appServices(context);
    for (const service of services) {
      signal.throwIfAborted();
      supervisor.start(service);
    }
    const waits = services.map(async ({ name, waitUntilReady }) => {
      await supervisor.waitUntilReady(name, signal);
      say(waitUntilReady === null ? `${name} runs` : `${name} is ready`);
    });
    // Waits for all, so that no waiting goes on behind a stack that is being ended.
    const failed = (await Promise.allSettled(waits)).find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** Who may sign in first, where nobody can yet: a line to show, null when there are users. */
  async #firstAdmin({ settings, secrets, databaseUrl }: AppContext): Promise<string | null> {
    const { SETUP_ADMIN_EMAIL = "", SETUP_ADMIN_PASSWORD = "" } = process.env;
    const env = {
      DATABASE_URL: databaseUrl,
      WEB_URL: settings.webUrl,
      SWITCHYARD_KEK: secrets.kek,
      SETUP_ADMIN_EMAIL,
      SETUP_ADMIN_PASSWORD,
    };
    const lines: string[] = [];
    await runCommand(nodeScript(["--import", "tsx", "scripts/first-admin.ts"], env), {
      signal: this.#options.signal,
      onLine: (line) => lines.push(line),
    }).catch((error: unknown) => {
      throw new Error([...lines, error instanceof Error ? error.message : String(error)].join("\n"));
    });
    return lines.at(-1) ?? null;
  }

  #save(change: Partial<RunRecord> = {}): void {
    Object.assign(this.#run, change);
    writeRun(this.#options.settings.dataFolder, this.#run);
  }
}
