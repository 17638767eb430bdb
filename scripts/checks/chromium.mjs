/** A Chromium for the browser tests: CHROMIUM_PATH, the system's, or on Debian and Ubuntu as root the distribution's package. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { runShown } from "../install.mjs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Ubuntu's package of that name is only a door to its app store, which servers and containers do not have. */
const works = (file) => existsSync(file) && spawnSync(file, ["--version"], { timeout: 30_000 }).status === 0;

/**
 * The path of a browser that runs; installs one where that is possible, else says what to do.
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
export async function ensureChromium(signal) {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (works(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, but that does not run. Set it to a Chromium or Chrome program.`);
  }
  const found = PLACES.find(works);
  if (found) return found;
  const canInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!canInstall)
    throw new Error(
      "The browser tests need Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM_PATH to a Chromium or Chrome program.",
    );
  console.log("Installing Chromium (apt-get install chromium) …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runShown("apt-get", ["update", "-qq"], { signal, env, heartbeat: "reading the package lists" });
  await runShown("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
    signal,
    env,
    heartbeat: "installing Chromium",
  });
  const installed = PLACES.find(works);
  if (installed) return installed;
  throw new Error("The distribution's Chromium was installed but does not run. Set CHROMIUM_PATH to a Chromium or Chrome program.");
}
