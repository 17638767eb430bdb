/** What no linter rule says: the pure rooms have no clock, chance or environment of their own, a request of the gateway is quiet, files stay small. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "@swc/core";

const FOLDERS = ["app", "components", "lib", "workers", "gateway", "sim", "bin", "bench", "scripts", "test", "e2e"];
const PURE = /^(lib\/(core|contracts)\/|lib\/domain\/[^/]+\/(api\.ts$|rules\/)|gateway\/routing\/|components\/charts\/prepare\/)/;
/** What every request of the gateway goes through. */
const STEPS = /^gateway\/(http|operations|pipeline|providers)\//;
const TEST = /\.(test|itest|bench|spec)\.tsx?$|^(test|e2e)\//;
const SOURCE_LINES = 400;
const TEST_LINES = 800;

/** What a pure room must be handed instead of taking it itself: object -> member, "*" any. */
const FORBIDDEN_MEMBERS = new Map([
  ["Date", new Set(["now"])],
  ["Math", new Set(["random"])],
  ["performance", new Set(["now", "timeOrigin"])],
  ["crypto", new Set(["randomUUID", "getRandomValues"])],
  ["process", new Set(["*"])],
]);

const nameOf = (node) => {
  if (node?.type === "Identifier") return node.value;
  if (node?.type === "StringLiteral") return node.value;
  if (node?.type === "Computed") return nameOf(node.expression);
  return undefined;
};

/** `globalThis.Date` and `Date` are the same object. */
const objectName = (node) => {
  if (node?.type === "ParenthesisExpression" || node?.type === "TsAsExpression") return objectName(node.expression);
  if (node?.type === "MemberExpression" && ["globalThis", "window", "self", "global"].includes(nameOf(node.object)))
    return nameOf(node.property);
  return node?.type === "Identifier" ? node.value : undefined;
};

function forbiddenIn(node) {
  if (node.type === "NewExpression" && objectName(node.callee) === "Date" && (node.arguments ?? []).length === 0) return "new Date()";
  if (node.type === "CallExpression" && objectName(node.callee) === "Date") return "Date()";
  if (node.type === "MemberExpression") {
    const members = FORBIDDEN_MEMBERS.get(objectName(node.object) ?? "");
    const member = nameOf(node.property) ?? "*";
    if (members && (members.has("*") || members.has(member))) return `${objectName(node.object)}.${member}`;
  }
  if (node.type === "VariableDeclarator" && node.id?.type === "ObjectPattern") {
    const members = FORBIDDEN_MEMBERS.get(objectName(node.init) ?? "");
    const taken = (node.id.properties ?? [])
      .map((property) => nameOf(property.key))
      .find((name) => members?.has("*") || members?.has(name));
    if (taken) return `${objectName(node.init)}.${taken}`;
  }
  return null;
}

/** A step reads no environment and logs no request: a log line a request costs more than the step. Errors of our own are logged. */
function noisyIn(node) {
  if (node.type !== "MemberExpression") return null;
  const object = nameOf(node.object) ?? nameOf(node.object?.property);
  const member = nameOf(node.property) ?? "*";
  const isNoisy = object === "process" || object === "console" || (object === "logger" && (member === "info" || member === "warn"));
  return isNoisy ? `${object}.${member}` : null;
}

function* walk(node) {
  if (Array.isArray(node)) for (const item of node) yield* walk(item);
  else if (node !== null && typeof node === "object") {
    if (typeof node.type === "string") yield node;
    for (const value of Object.values(node)) yield* walk(value);
  }
}

/**
 * Uses of what a file of its room may not use.
 * @param {string} source
 * @param {string} file
 * @param {(node: object) => string | null} judge
 * @returns {{ line: number, what: string }[]}
 */
function findUses(source, file, judge) {
  // Positions count bytes over all that this process has parsed; a leading statement says where this text begins.
  const text = Buffer.from(`0;${source}`);
  const module = parseSync(text.toString(), { syntax: "typescript", tsx: file.endsWith(".tsx"), target: "es2022", decorators: true });
  const begin = module.body[0]?.span.start ?? module.span.start;
  return [...walk(module.body)].flatMap((node) => {
    const what = judge(node);
    if (what === null) return [];
    return [
      {
        line: text
          .subarray(0, node.span.start - begin)
          .toString()
          .split("\n").length,
        what,
      },
    ];
  });
}

const ROOM_RULES = [
  { rule: "pure-rooms-take-arguments", room: PURE, judge: forbiddenIn, instead: "take it as an argument" },
  { rule: "gateway-steps-are-quiet", room: STEPS, judge: noisyIn, instead: "take options at the start, count instead of logging" },
];

const breachesOf = (source, file) =>
  ROOM_RULES.filter(({ room }) => room.test(file)).flatMap(({ rule, judge, instead }) =>
    findUses(source, file, judge).map(({ line, what }) => ({ rule, text: `${rule}: ${file}:${line} uses ${what}; ${instead}` })),
  );

/**
 * @param {string} root
 * @returns {{ rule: string, text: string }[]}
 */
export function checkSources(root) {
  const problems = [];
  for (const folder of FOLDERS) {
    for (const file of sourcesIn(root, folder)) {
      const source = readFileSync(path.join(root, file), "utf8");
      const lines = source.split("\n").length - 1;
      const limit = TEST.test(file) ? TEST_LINES : SOURCE_LINES;
      if (lines > limit) problems.push({ rule: "max-lines", text: `max-lines: ${file} has ${lines} lines, the limit is ${limit}` });
      if (TEST.test(file)) continue;
      problems.push(...breachesOf(source, file));
    }
  }
  return problems;
}

function sourcesIn(root, folder) {
  try {
    const names = readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => /\.(ts|tsx|mts|mjs|cjs|js)$/.test(name) && !name.startsWith("oracles/data"))
      .map((name) => path.posix.join(folder, name));
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
