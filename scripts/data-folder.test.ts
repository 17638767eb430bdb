import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataFolderProblem, emptyDataFolder, openDataFolder } from "./data-folder";

let parent = "";
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), "switchyard-data-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe("the data folder", () => {
  it("a folder that holds something else is refused and left as it is", () => {
    writeFileSync(path.join(parent, "thesis.txt"), "years of work");
    expect(dataFolderProblem(parent)).toMatch(/was not made by Switchyard/);
    expect(() => openDataFolder(parent)).toThrow(/was not made by Switchyard/);
    expect(() => emptyDataFolder(parent, [])).toThrow(/was not made by Switchyard/);
    expect(readdirSync(parent)).toEqual(["thesis.txt"]);
  });

  it("a marker of another program does not count", () => {
    writeFileSync(path.join(parent, "switchyard-data.json"), '{"kind":"something else"}');
    expect(dataFolderProblem(parent)).not.toBeNull();
  });

  it("emptying keeps the marker and what is named, also deep inside", () => {
    const folder = path.join(parent, "data");
    openDataFolder(folder);
    mkdirSync(path.join(folder, "pg"));
    for (const name of ["pg/file", "secrets.json", "up.json", "logs/web.log", "logs/up.log"]) writeFileSync(path.join(folder, name), "x");
    emptyDataFolder(folder, ["up.json", path.join("logs", "up.log")]);
    expect(readdirSync(folder, { recursive: true }).map(String).sort()).toEqual(["logs", "logs/up.log", "switchyard-data.json", "up.json"]);
  });

  it("a file in its place is named as such, and nothing at all is fine", () => {
    const file = path.join(parent, "file");
    writeFileSync(file, "");
    expect(dataFolderProblem(file)).toMatch(/is not a folder/);
    expect(dataFolderProblem(path.join(parent, "missing"))).toBeNull();
    expect(existsSync(path.join(parent, "missing"))).toBe(false);
  });
});
