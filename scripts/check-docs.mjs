/** Dead links, paths and commands in the pages for readers, and a page for each error code. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseSync } from "@swc/core";
import { projectRoot } from "./install.mjs";

const ERRORS_FOLDER = "docs/errors";
/** A path into the project, as it stands in `code`; what has a placeholder or a wildcard in it is none, and .env is made later. */
const PROJECT_PATH = /^\.?(app|bench|bin|components|deploy|docs|e2e|gateway|lib|prisma|public|scripts|sim|test|workers)\/[\w./()[\]-]*$/;

const problems = [];

function pages() {
  const top = readdirSync(projectRoot).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(path.join(projectRoot, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  return [...top, ...docs.map((name) => path.posix.join("docs", name))];
}

/** The text without fenced blocks, line numbers kept. */
function prose(text) {
  let isCode = false;
  const lines = text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    return isCode ? "" : line;
  });
  return lines;
}

/** Anchors as GitHub makes them from headings. */
function anchorsOf(file) {
  const headings = prose(readFileSync(file, "utf8")).flatMap((line) => /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1] ?? []);
  const slugs = headings.map((heading) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set(
    slugs.map((slug, index) =>
      slugs.indexOf(slug) === index ? slug : `${slug}-${slugs.slice(0, index).filter((s) => s === slug).length}`,
    ),
  );
}

function checkLink(page, line, target) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return;
  const [file = "", anchor] = decodeURI(target).split("#");
  const full = file === "" ? path.join(projectRoot, page) : path.resolve(projectRoot, path.dirname(page), file);
  if (!existsSync(full)) problems.push(`${page}:${line} links to ${target}, which is not there`);
  else if (anchor && statSync(full).isFile() && full.endsWith(".md") && !anchorsOf(full).has(anchor))
    problems.push(`${page}:${line} links to ${target}, but that page has no such heading`);
}

const scripts = new Set(Object.keys(JSON.parse(readFileSync(path.join(projectRoot, "package.json"), "utf8")).scripts));

function checkPage(page) {
  const text = readFileSync(path.join(projectRoot, page), "utf8");
  for (const [index, line] of prose(text).entries()) {
    const withoutCode = line.replaceAll(/`[^`]*`/g, "``");
    for (const [, target = ""] of withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) checkLink(page, index + 1, target);
    for (const [, code = ""] of line.matchAll(/`([^`]+)`/g))
      if (PROJECT_PATH.test(code) && !code.endsWith("/.env") && !existsSync(path.join(projectRoot, code)))
        problems.push(`${page}:${index + 1} names ${code}, which is not there`);
  }
  for (const [, name = ""] of text.matchAll(/\bnpm run ([a-z][\w:-]*)/g))
    if (!scripts.has(name)) problems.push(`${page} names npm run ${name}, which package.json does not have`);
}

function errorCodes() {
  const file = path.join(projectRoot, "lib/core/errors.ts");
  const { body } = parseSync(readFileSync(file, "utf8"), { syntax: "typescript" });
  const declarations = body.flatMap((item) =>
    item.type === "ExportDeclaration" && item.declaration.type === "VariableDeclaration" ? item.declaration.declarations : [],
  );
  let value = declarations.find((declaration) => declaration.id.value === "ERRORS")?.init;
  while (value && value.type !== "ObjectExpression") value = value.expression;
  const codes = (value?.properties ?? []).map((property) => property.key.value);
  if (codes.length === 0) problems.push("lib/core/errors.ts: the catalogue ERRORS was not found, so its pages cannot be checked");
  return codes;
}

function checkErrorPages() {
  const folder = path.join(projectRoot, ERRORS_FOLDER);
  const present = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md") : [];
  if (present.length === 0) return console.log(`${ERRORS_FOLDER} has no page yet`);
  const codes = errorCodes();
  for (const code of codes) if (!present.includes(`${code}.md`)) problems.push(`${ERRORS_FOLDER}/${code}.md is missing`);
  for (const name of present)
    if (!codes.includes(name.slice(0, -3))) problems.push(`${ERRORS_FOLDER}/${name} describes a code that does not exist`);
}

const checked = pages();
for (const page of checked) checkPage(page);
checkErrorPages();
for (const problem of problems) console.error(problem);
console.log(`${checked.length} pages checked, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
