/** A lock file that npm ci can use on every platform: each package has a version, each optional dependency is listed. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "./install.mjs";

const { packages } = JSON.parse(readFileSync(path.join(projectRoot, "package-lock.json"), "utf8"));
const present = new Set(Object.keys(packages).map((key) => key.split("node_modules/").at(-1)));
const unversioned = Object.entries(packages).filter(([key, { version, link }]) => key !== "" && version === undefined && !link);
const optional = new Set(Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies)));
const problems = [
  ...unversioned.map(([key]) => `${key} has no version`),
  ...[...optional].filter((name) => !present.has(name)).map((name) => `${name}, an optional dependency, is not listed`),
];
const manifest = JSON.parse(readFileSync(path.join(projectRoot, "package.json"), "utf8"));
for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
  if (!/^\d+\.\d+\.\d+/.test(range)) problems.push(`${name} is not pinned to one version: ${range}`);
  else if (packages[`node_modules/${name}`]?.version !== range)
    problems.push(`${name} is ${range} in package.json but ${packages[`node_modules/${name}`]?.version} in the lock file`);
}
for (const problem of problems) console.error(problem);
console.log(`${Object.keys(packages).length} packages checked, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
