/** npm run up: plain Node until the packages are there, then scripts/up/main.ts in this same process. */
import { checkNode, ensureInstalled } from "./install.mjs";

checkNode();
// A closed terminal must not keep what is left to do from being done.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort(new Error("stopped")));
// A kill of npm reaches only the shell between npm and this program: without that shell, end as for a Ctrl-C.
if (process.env.npm_lifecycle_event && process.env.SWITCHYARD_UP_DETACHED !== "1") {
  const parent = process.ppid;
  const watch = () => process.ppid !== parent && stop.abort(new Error("stopped"));
  setInterval(watch, 500).unref();
}

try {
  await ensureInstalled(stop.signal);
  const { register } = await import("tsx/esm/api");
  register();
  const { main } = await import("./up/main.ts");
  process.exitCode = await main(process.argv.slice(2), stop);
} catch (error) {
  if (stop.signal.aborted) console.error("Stopped.");
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
