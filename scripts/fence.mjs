/** npm run fence: first proves itself on planted breaches, then checks the sources. */
import { createRequire } from "node:module";
import path from "node:path";
import { checkDependencies } from "./checks/dependencies.mjs";
import { proveFence, provenRules } from "./checks/planted-breaches.mjs";
import { checkSources } from "./checks/source-rules.mjs";
import { projectRoot } from "./install.mjs";

const configured = createRequire(import.meta.url)(path.join(projectRoot, ".dependency-cruiser.cjs")).forbidden.map((rule) => rule.name);
const unproven = configured.filter((name) => !provenRules().includes(name)).map((name) => `no planted breach proves the rule ${name}`);
const failures = [...unproven, ...(await proveFence(projectRoot))];
const { problems, modules } = await checkDependencies(projectRoot);
failures.push(...[...problems, ...checkSources(projectRoot)].map(({ text }) => text));

for (const failure of failures) console.error(failure);
console.log(`${modules} modules read, ${configured.length} import rules proven, ${failures.length} problems`);
process.exitCode = failures.length > 0 ? 1 : 0;
