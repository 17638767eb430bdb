/** Who may import whom: dependency-cruiser with .dependency-cruiser.cjs. */
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const ROOMS = ["app", "bin", "components", "lib", "workers", "gateway"];

// The parser that dependency-cruiser has for this TypeScript reads every file as .ts and calls no import type-only;
// both are put right on the way in, before it is loaded.
const swc = createRequire(import.meta.url)("@swc/core");
const parseFile = swc.parseFileSync;
let runtimeOnly = false;

const isTypeOnly = ({ type, typeOnly, specifiers = [] }) =>
  (type === "ImportDeclaration" || type === "ExportNamedDeclaration" || type === "ExportAllDeclaration") &&
  (typeOnly || (specifiers.length > 0 && specifiers.every((specifier) => specifier.isTypeOnly)));

swc.parseFileSync = (file, options) => {
  const module = parseFile(file, { ...options, tsx: file.endsWith(".tsx") });
  return runtimeOnly ? { ...module, body: module.body.filter((item) => !isTypeOnly(item)) } : module;
};

/** @param {string} root */
function countSources(root) {
  return ROOMS.flatMap((room) => readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" })).filter(
    (name) => /\.(ts|tsx|mts|mjs|js|jsx)$/.test(name) && !name.endsWith(".d.ts"),
  ).length;
}

/**
 * @param {string} root
 * @param {{ onlyCycles: boolean }} mode
 */
async function cruiseOnce(root, { onlyCycles }) {
  const { cruise } = await import("dependency-cruiser");
  const { default: extractOptions } = await import("dependency-cruiser/config-utl/extract-depcruise-options");
  const options = await extractOptions(path.join(root, ".dependency-cruiser.cjs"));
  const isCycles = (rule) => rule.name === "no-cycles";
  options.ruleSet.forbidden = options.ruleSet.forbidden.filter((rule) => isCycles(rule) === onlyCycles);
  runtimeOnly = onlyCycles;
  const before = process.cwd();
  process.chdir(root);
  try {
    const { output } = await cruise(ROOMS, { ...options, baseDir: root }, {}, {});
    if (typeof output === "string") throw new Error("dependency-cruiser answered with text");
    return output;
  } finally {
    runtimeOnly = false;
    process.chdir(before);
  }
}

/**
 * Breaches of the import rules under `root`, one sentence each, and how many modules were read.
 * @param {string} root
 * @returns {Promise<{ problems: { rule: string, text: string }[], modules: number }>}
 */
export async function checkDependencies(root) {
  const all = await cruiseOnce(root, { onlyCycles: false });
  // An import of types alone vanishes when the program runs: it closes no cycle.
  const runtime = await cruiseOnce(root, { onlyCycles: true });
  const problems = [...all.summary.violations, ...runtime.summary.violations].map(({ rule, from, to, cycle }) => {
    const way = cycle ? [from, ...cycle.map(({ name }) => name)].join(" -> ") : `${from} -> ${to}`;
    return { rule: rule.name, text: `${rule.name}: ${way}` };
  });
  const inRooms = new RegExp(`^(${ROOMS.join("|")})/`);
  const modules = all.modules.filter(({ source }) => inRooms.test(source)).length;
  const sources = countSources(root);
  if (modules < sources)
    problems.push({ rule: "all-sources-are-read", text: `all-sources-are-read: ${modules} modules were read of ${sources} source files` });
  return { problems, modules };
}
