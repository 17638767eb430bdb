import { Name, PathName } from "@/lib/contracts/page";

/** Where things lie in a directory: `prompts/<folder>/<name>.yaml` and `models/<name>.yaml`. */
export type Kind = "prompt" | "model";
export const FOLDERS: Readonly<Record<Kind, string>> = { prompt: "prompts", model: "models" };
export const FORMAT_FILE = "switchyard.yaml";
const ENDING = ".yaml";

/** Names that Windows keeps for devices, with any ending: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/;

const escapeAt = (text: string, at: number) => {
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(2, "0");
  return `${text.slice(0, at)}%${code}${text.slice(at + 1)}`;
};

function toPart(part: string, isFolder: boolean): string {
  const safe = DEVICE.test(part) ? escapeAt(part, 0) : part;
  // `a` and `a.yaml/b` would be a file and a folder of the same name.
  return isFolder && safe.endsWith(ENDING) ? escapeAt(safe, safe.length - ENDING.length) : safe;
}

/** The file of a prompt or model, from the directory's top, with `/`. Different names never share a file, on no file system. */
export function toFile(kind: Kind, name: string): string {
  const parts = name.split("/");
  return `${[FOLDERS[kind], ...parts.map((part, i) => toPart(part, i < parts.length - 1))].join("/")}${ENDING}`;
}

/** The name that a file stands for, or why it stands for none. `file` is relative, with `/`. */
export function fromFile(kind: Kind, file: string): { readonly name: string } | { readonly mistake: string } {
  const inside = file.slice(FOLDERS[kind].length + 1, -ENDING.length);
  let name: string;
  try {
    name = decodeURIComponent(inside);
  } catch {
    return { mistake: "the file's name holds a percent sign that is not followed by two hex digits" };
  }
  if (kind === "model" && name.includes("/")) return { mistake: "a model's name has no folder: put the file into models/ itself" };
  const read = (kind === "model" ? Name : PathName).safeParse(name);
  if (!read.success) {
    const shown = name === name.toLowerCase() ? "" : ". Names have no capital letters";
    return { mistake: `“${name}” is no ${kind}'s name: it ${read.error.issues[0]?.message ?? "is not valid"}${shown}` };
  }
  const expected = toFile(kind, read.data);
  return expected === file ? { name: read.data } : { mistake: `the file of ${read.data} is ${expected}` };
}
