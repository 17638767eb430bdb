import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { endProcess, identify, type ProcessRecord, sendSignal } from "../process/identity";
import type { Command } from "../process/run-command";
import { tailOf } from "../services/background";
import type { ChildRecord } from "./run-file";

export interface Service {
  name: string;
  command: Command;
  stopSignal: NodeJS.Signals;
  stopTimeoutMs: number;
  /** Mends what a crash leaves behind; runs before each restart. */
  beforeRestart?: () => void;
  /** Resolves when the service answers; null: it is ready when it runs. */
  waitUntilReady: ((watch: { isRunning: () => boolean; signal: AbortSignal }) => Promise<void>) | null;
}

interface Running {
  service: Service;
  child: ChildProcess | null;
  record: ProcessRecord | null;
  isReady: boolean;
  exits: number;
  startedAt: number;
}

interface SupervisorOptions {
  logFolder: string;
  say: (line: string) => void;
  /** Called, at once, whenever the set of children changes. */
  onChange: (children: ChildRecord[]) => void;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
const STEADY_MS = 60_000;
const EXITS_BEFORE_READY = 3;
const LOG_LIMIT_BYTES = 50 * 1024 * 1024;
const LOG_CHECK_MS = 60_000;

/** Starts programs, each in its own session with its own log file, starts them again when they die, and ends them in reverse order. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running: Running[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #logTimer: NodeJS.Timeout;
  #isStopping = false;
  #isHurried = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    mkdirSync(options.logFolder, { recursive: true });
    this.#logTimer = setInterval(() => this.#rotateLogs(), LOG_CHECK_MS).unref();
  }

  logFile(name: string): string {
    return path.join(this.#options.logFolder, `${name}.log`);
  }

  /** Starts a service; from now on it is kept running until stopAll. */
  start(service: Service): void {
    if (this.#isStopping) throw new Error("stopping");
    const running: Running = { service, child: null, record: null, isReady: false, exits: 0, startedAt: 0 };
    this.#running.push(running);
    this.#rotateLog(service.name);
    this.#spawn(running);
  }

  /** Waits until a started service answers; throws with the end of its log when it keeps ending or never does. */
  async waitUntilReady(name: string, signal: AbortSignal): Promise<void> {
    const running = this.#running.find(({ service }) => service.name === name);
    if (!running) throw new Error(`${name} was not started`);
    const isRunning = () => running.exits < EXITS_BEFORE_READY;
    try {
      await running.service.waitUntilReady?.({ isRunning, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${reason}\nThe end of ${this.logFile(name)}:\n${tailOf(this.logFile(name), 20)}`);
    }
    running.isReady = true;
  }

  /** Ends everything, last started first. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#logTimer);
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { service, record } of [...this.#running].reverse()) {
      if (record === null) continue;
      await endProcess(record, this.#isHurried ? "SIGKILL" : service.stopSignal, service.stopTimeoutMs);
    }
    this.#running.length = 0;
  }

  /** Kills what has not ended yet, for a second Ctrl-C. */
  hurry(): void {
    this.#isHurried = true;
    for (const { record } of this.#running)
      if (record !== null && identify(record.pid)?.startedAt === record.startedAt) sendSignal(record.pid, "SIGKILL");
  }

  #spawn(running: Running): void {
    const { name, command } = running.service;
    const log = openSync(this.logFile(name), "a", 0o600);
    const { command: file, args, cwd, env, uid, gid } = command;
    const child = spawn(file, args, { cwd, env, uid, gid, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    running.child = child;
    running.startedAt = Date.now();
    running.record = child.pid === undefined ? null : identify(child.pid);
    this.#options.onChange(this.#children());
    child.once("error", (error) => this.#onEnd(running, error.message));
    child.once("exit", (code, killedBy) => this.#onEnd(running, killedBy ?? `exit code ${code}`));
  }

  #onEnd(running: Running, how: string): void {
    running.record = null;
    if (this.#isStopping) return;
    if (Date.now() - running.startedAt > STEADY_MS) running.exits = 0;
    running.exits += 1;
    if (!running.isReady && running.exits >= EXITS_BEFORE_READY) return;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (running.exits - 1), LONGEST_BACKOFF_MS);
    this.#options.say(
      `${running.service.name} ended (${how}); starting it again in ${backoffMs / 1000} s. See ${this.logFile(running.service.name)}`,
    );
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#restart(running);
    }, backoffMs);
    this.#timers.add(timer);
  }

  #restart(running: Running): void {
    if (this.#isStopping) return;
    try {
      running.service.beforeRestart?.();
    } catch (error) {
      this.#onEnd(running, error instanceof Error ? error.message : String(error));
      return;
    }
    this.#spawn(running);
  }

  #children(): ChildRecord[] {
    return this.#running.flatMap(({ service, record }) =>
      record === null ? [] : [{ name: service.name, process: record, stopSignal: service.stopSignal }],
    );
  }

  #rotateLogs(): void {
    for (const { service } of this.#running) this.#rotateLog(service.name);
  }

  /** Copied and cut, since the program keeps the file open; it writes at the end wherever that is. */
  #rotateLog(name: string): void {
    const file = this.logFile(name);
    if (!existsSync(file) || statSync(file).size < LOG_LIMIT_BYTES) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
  }
}
