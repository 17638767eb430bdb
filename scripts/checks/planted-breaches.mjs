/** Proves on a small planted tree that each rule of the fence still catches what it is there for. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkDependencies } from "./dependencies.mjs";
import { checkSources } from "./source-rules.mjs";

const HARMLESS = {
  "app/page.tsx":
    'import type { Shape } from "@/components/shape";\nexport const page = <T extends Shape>(shape: T) => <p>{shape.name}</p>;\n',
  "components/shape.tsx": 'import type { page } from "@/app-types";\nexport type Shape = { name: string; page?: typeof page };\n',
  "app-types.ts": "export const page = 1;\n",
  "components/two.tsx": 'import type { Three } from "./three";\nexport const Two = (three: Three) => <b>{three.name}</b>;\n',
  "components/three.tsx":
    'import { Two } from "./two";\nexport type Three = { name: string };\nexport const Pair = () => <Two name="x" />;\n',
  "lib/core/clock.ts":
    '// Date.now() and Math.random() in words are no breach\nexport const later = (now: Date) => new Date(now.getTime() + Math.max(1, 2));\nexport const text = "process.env Date.now()";\n',
  "lib/infra/db.ts": 'import { readFileSync } from "node:fs";\nimport pg from "pg";\nexport const db = () => [pg, readFileSync];\n',
  "lib/domain/one/index.ts": "export const one = 1;\n",
  "lib/domain/one/inner.ts": "export const inner = 1;\n",
  "lib/http/handle.ts": "export const handle = 1;\n",
  "workers/main.ts": 'import { Queue } from "bullmq";\nexport const worker = Queue;\n',
  "bin/run.ts": 'export { second } from "@/lib/core/second";\n',
  "gateway/main.ts": "export const gateway = 1;\n",
  "gateway/far.ts": 'export { redis as far } from "@/lib/infra/redis";\n',
  "gateway/pipeline/step.ts": "export const step = ({ logger }) => logger.error({}, 'failed');\n",
  "lib/infra/redis.ts": "export const redis = 1;\n",
  "test/tool.ts": "export const tool = 1;\n",
  "sim/backend.ts": "export const sim = 1;\n",
  "lib/core/first.ts": 'import { second } from "./second";\nexport const first = () => second;\n',
  "lib/core/second.ts": "export const second = 1;\n",
};

/** Each breach alone in a file, with the rule that must name that file. */
const BREACHES = [
  ["no-cycles", "lib/core/second.ts", 'import { first } from "./first";\nexport const second = () => first;\n'],
  ["core-is-pure", "lib/core/a.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["contracts-are-pure", "lib/contracts/a.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["infra-knows-no-domain", "lib/infra/a.ts", 'export { one } from "@/lib/domain/one";\n'],
  ["domain-knows-no-edge", "lib/domain/two/a.ts", 'export { handle } from "@/lib/http/handle";\n'],
  ["rules-do-no-io", "lib/domain/two/rules/a.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["sql-lives-in-store-and-queries", "lib/domain/two/b.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["domains-meet-at-the-door", "lib/domain/two/c.ts", 'export { inner } from "@/lib/domain/one/inner";\n'],
  ["edges-use-the-door", "app/a.tsx", 'export { inner } from "@/lib/domain/one/inner";\n'],
  ["only-domain-and-infra-touch-db", "workers/a.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["browser-never-reaches-io", "components/a.tsx", 'import { db } from "@/lib/infra/db";\nexport const A = () => <p>{String(db)}</p>;\n'],
  ["gateway-stands-alone", "gateway/a.ts", 'export { one } from "@/lib/domain/one";\n'],
  ["gateway-never-reaches-postgres", "gateway/b.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["gateway-routing-is-pure", "gateway/routing/a.ts", 'export { gateway } from "../main";\n'],
  ["workers-stand-alone", "workers/b.ts", 'export { handle } from "@/lib/http/handle";\n'],
  ["components-know-no-page", "components/b.tsx", 'export { page } from "@/app/page";\n'],
  ["pure-rooms-know-no-machine", "lib/core/b.ts", 'export { readFileSync } from "node:fs";\n'],
  ["browser-knows-no-machine", "components/c.tsx", 'export { readFileSync } from "node:fs";\n'],
  ["drivers-stay-in-infra-and-workers", "gateway/c.ts", 'export { Redis } from "ioredis";\n'],
  ["drivers-stay-in-infra-and-workers", "lib/domain/one/store.ts", 'import pg from "pg";\nexport const client = pg.Client;\n'],
  ["drivers-stay-in-infra-and-workers", "app/b.tsx", 'export { Queue } from "bullmq";\n'],
  ["product-knows-no-simulator", "gateway/d.ts", 'export { sim } from "@/sim/backend";\n'],
  ["command-is-a-client", "bin/a.ts", 'export { one } from "@/lib/domain/one";\n'],
  ["command-is-a-client", "bin/b.ts", 'export { db } from "@/lib/infra/db";\n'],
  ["product-code-imports-no-test", "lib/http/a.ts", 'export { tool } from "@/test/tool";\n'],
  ["pure-rooms-take-arguments", "lib/core/c.ts", "export const at = () => Date.now();\n"],
  ["pure-rooms-take-arguments", "lib/contracts/b.ts", "export const at = () => new Date();\n"],
  ["pure-rooms-take-arguments", "gateway/routing/b.ts", "const { random } = Math;\nexport const at = random;\n"],
  ["pure-rooms-take-arguments", "lib/domain/one/api.ts", 'export const at = globalThis["Math"].random();\n'],
  ["pure-rooms-take-arguments", "components/charts/prepare/a.ts", "export const at = process.env.HOME;\n"],
  ["gateway-steps-reach-no-queue", "gateway/pipeline/a.ts", 'export { far } from "../far";\n'],
  ["gateway-steps-are-quiet", "gateway/pipeline/b.ts", "export const at = () => process.env.HOME;\n"],
  ["gateway-steps-are-quiet", "gateway/http/a.ts", "export const tell = ({ gateway }) => gateway.logger.info({}, 'served');\n"],
  ["gateway-steps-are-quiet", "gateway/providers/a.ts", "export const tell = ({ logger }) => logger.warn('slow');\n"],
  ["max-lines", "workers/c.ts", `${"// a line\n".repeat(401)}`],
];

/** @param {Record<string, string>} files */
function plant(projectRoot, files) {
  const root = mkdtempSync(path.join(tmpdir(), "switchyard-fence-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    copyFileSync(path.join(projectRoot, file), path.join(root, file));
  symlinkSync(path.join(projectRoot, "node_modules"), path.join(root, "node_modules"));
  return root;
}

async function problemsOf(projectRoot, files) {
  const root = plant(projectRoot, files);
  try {
    return [...(await checkDependencies(root)).problems, ...checkSources(root)];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * What the fence misses or imagines, one sentence each; empty when it works.
 * @param {string} projectRoot
 * @returns {Promise<string[]>}
 */
export async function proveFence(projectRoot) {
  const imagined = (await problemsOf(projectRoot, HARMLESS)).map(({ text }) => `the fence reports a harmless file: ${text}`);
  const planted = { ...HARMLESS, ...Object.fromEntries(BREACHES.map(([, file, text]) => [file, text])) };
  const found = await problemsOf(projectRoot, planted);
  const missed = BREACHES.filter(([rule, file]) => !found.some((problem) => problem.rule === rule && problem.text.includes(file)));
  return [...imagined, ...missed.map(([rule, file]) => `the fence misses a planted breach of ${rule} (${file})`)];
}

/** @returns {string[]} */
export const provenRules = () => [...new Set(BREACHES.map(([rule]) => rule))];
