import { toCanonicalJson } from "@/lib/core/canonical";
import { nextStates, VERSION_STATES, type VersionState } from "@/lib/domain/registry/api";
import { modelDigest } from "../files/content";
import type { Entry } from "../files/read-folder";
import type { ModelFile, ModelVersionFile } from "../files/shapes";
import type { RemoteModel } from "../remote/read-project";
import type { Draft } from "./draft";
import { planPointers } from "./plan-pointers";
import { type RemoteProject, scoreKey } from "./types";

const ABSENT: RemoteModel = { description: "", tags: [], aliases: new Map(), versions: new Map() };

type Own = ReadonlyMap<string, ModelVersionFile>;

const parentKey = ({ derivedFrom }: ModelVersionFile) => (derivedFrom === null ? null : scoreKey(derivedFrom.model, derivedFrom.version));

/** A version, its parent, the parent's parent and so on, as far as they are in the directory and not yet known. */
function listLine(first: string, own: Own, known: ReadonlyMap<string, unknown>): string[] {
  // A line may be longer than a stack is deep.
  const line = new Set<string>();
  for (let key: string | null = first; key !== null && !known.has(key) && !line.has(key); ) {
    const version = own.get(key);
    if (version === undefined) break;
    line.add(key);
    key = parentKey(version);
  }
  return [...line];
}

/** The digest of each version of the directory, parents first; null where it hangs in a circle or its parent is nowhere. */
export function computeDigests(files: ReadonlyMap<string, Entry<ModelFile>>, remote: RemoteProject): Map<string, string | null> {
  const digests = new Map<string, string | null>();
  const own: Own = new Map(
    [...files.values()].flatMap(({ name, value }) => value.versions.map((version) => [scoreKey(name, version.number), version] as const)),
  );
  const digestOf = (version: ModelVersionFile) => {
    const { derivedFrom } = version;
    const parent = parentKey(version);
    if (derivedFrom === null || parent === null) return modelDigest(version, null);
    const there = remote.models.get(derivedFrom.model)?.versions.get(derivedFrom.version)?.digest;
    const digest = own.has(parent) ? digests.get(parent) : there;
    return digest == null ? null : modelDigest(version, digest);
  };
  for (const [first] of own)
    for (const key of listLine(first, own, digests).reverse()) {
      const version = own.get(key);
      if (version !== undefined) digests.set(key, digestOf(version));
    }
  return digests;
}

/** The states that a version goes through on its way; empty where it stands there or further on already. */
function listStatesBetween(from: VersionState, to: VersionState): VersionState[] {
  if (VERSION_STATES.indexOf(from) >= VERSION_STATES.indexOf(to)) return [];
  if (nextStates(from).includes(to)) return [to];
  const next = nextStates(from)[0];
  return next === undefined ? [] : [next, ...listStatesBetween(next, to)];
}

interface Known {
  readonly digests: ReadonlyMap<string, string | null>;
  readonly remote: RemoteProject;
}

interface Side {
  readonly server: RemoteModel;
  readonly digest: string | null;
  /** The number that the server gives next, once what stands before is registered. */
  readonly next: number;
  /** A number that neither side has used. */
  readonly free: number;
}

/** What is to be done with a version: nothing, registering it, or a person. `at` is where, below the version. */
function compare(version: ModelVersionFile, { server, digest, next, free }: Side): "same" | "new" | { conflict: string; at: string } {
  const { number, derivedFrom } = version;
  if (digest === null)
    return {
      at: "/derivedFrom",
      conflict: `version ${number} is derived from ${derivedFrom?.model} v${derivedFrom?.version}, which is neither on the server nor in the directory, or is derived from this one`,
    };
  if (version.digest !== undefined && version.digest !== digest)
    return {
      at: "/digest",
      conflict: `version ${number} was edited: what it says is not what this digest was taken over. A version never changes. Put it back, and add the edited one as the next number (${free}) without a digest`,
    };
  const there = server.versions.get(number);
  if (there !== undefined && there.digest !== digest)
    return {
      at: "",
      conflict: `version ${number} is on the server with other content. A version never changes: give yours the next number (${free}), or take the server's with export`,
    };
  if (there !== undefined) return "same";
  if (number !== next)
    return { at: "/number", conflict: `version ${number} cannot be: the server gives numbers in order, and the next one is ${next}` };
  return "new";
}

/** Adds what one model's file asks for. */
export function planModel(draft: Draft, entry: Entry<ModelFile>, { digests, remote }: Known): void {
  const { name, value } = entry;
  const there = remote.models.get(name);
  const server = there ?? ABSENT;
  const created = `create model ${name}`;
  if (there === undefined) draft.step({ kind: "create", of: "model", name, id: created, after: [], preferAfter: [] });
  else if (there.description !== value.description || toCanonicalJson(there.tags) !== toCanonicalJson(value.tags))
    draft.notice({
      of: "model",
      name,
      detail: "description or tags differ: they are said once, when the model is created, and stay as they are",
    });

  const numbers = new Set([...server.versions.keys(), ...value.versions.map((v) => v.number)]);
  const free = Math.max(0, ...numbers) + 1;
  let next = Math.max(0, ...server.versions.keys()) + 1;
  let previous = there === undefined ? [created] : [];
  const indexed = value.versions.map((version, index) => ({ version, index })).sort((a, b) => a.version.number - b.version.number);
  for (const { version, index } of indexed) {
    const { number, derivedFrom } = version;
    const digest = digests.get(scoreKey(name, number)) ?? null;
    const outcome = compare(version, { server, digest, next, free });
    if (typeof outcome === "object") {
      draft.conflict({ of: "model", entry, pointer: `/versions/${index}${outcome.at}`, detail: outcome.conflict });
      next = Math.max(next, number + 1);
      continue;
    }
    if (outcome === "same") draft.countSame();
    else {
      next++;
      const id = `register model ${name} v${number}`;
      const parent = derivedFrom === null ? [] : [`register model ${derivedFrom.model} v${derivedFrom.version}`];
      const after = [...previous, ...parent];
      draft.step({ kind: "register", of: "model", name, version: number, hash: digest ?? "", id, after, preferAfter: [] });
      previous = [id];
    }
    planScores(draft, { name, version, server: remote.scores.get(scoreKey(name, number)) ?? [] });
    planState(draft, { name, version, from: server.versions.get(number)?.state ?? "draft", approval: remote.approvalOfState });
  }
  const own = new Set(value.versions.map((v) => v.number));
  for (const version of server.versions.keys()) if (!own.has(version)) draft.onlyOnServer({ of: "model", name, version });
  planPointers(draft, {
    of: "model",
    entry,
    wanted: value.aliases,
    server: server.aliases,
    numbers,
    approvalOf: remote.approvalOf,
    afterMove: (number, alias) => ({
      after: [`register model ${name} v${number}`, ...(remote.approvalOf(alias) === null ? [] : [`state ${name} v${number} approved`])],
      preferAfter: [],
    }),
    objectionTo(number, alias) {
      const stands = server.versions.get(number)?.state ?? "draft";
      const says = value.versions.find((v) => v.number === number)?.state ?? "draft";
      const will = VERSION_STATES.indexOf(says) > VERSION_STATES.indexOf(stands) ? says : stands;
      if (remote.approvalOf(alias) === null || will === "approved") return null;
      return `is protected, and names only a version that is approved: version ${number} would be ${will}`;
    },
  });
}

const MAX_SCORES_AT_ONCE = 100;

/** Scores are only added: those that the server has as often already are left out. */
function planScores(
  draft: Draft,
  { name, version, server }: { name: string; version: ModelVersionFile; server: readonly unknown[] },
): void {
  const there = new Map<string, number>();
  for (const score of server) {
    const key = toCanonicalJson(score);
    there.set(key, (there.get(key) ?? 0) + 1);
  }
  const missing = version.scores.filter((score) => {
    const key = toCanonicalJson(score);
    const left = there.get(key) ?? 0;
    if (left > 0) there.set(key, left - 1);
    return left === 0;
  });
  const after = [`register model ${name} v${version.number}`];
  for (let i = 0; i < missing.length; i += MAX_SCORES_AT_ONCE) {
    const scores = missing.slice(i, i + MAX_SCORES_AT_ONCE);
    const id = `score ${name} v${version.number}${i === 0 ? "" : ` ${i / MAX_SCORES_AT_ONCE + 1}`}`;
    draft.step({ kind: "score", of: "model", name, version: version.number, scores, id, after, preferAfter: [] });
  }
}

interface StatePlan {
  readonly name: string;
  readonly version: ModelVersionFile;
  readonly from: VersionState;
  readonly approval: RemoteProject["approvalOfState"];
}

function planState(draft: Draft, { name, version: { number, state }, from: start, approval }: StatePlan): void {
  let from = start;
  let after = `register model ${name} v${number}`;
  for (const to of listStatesBetween(from, state)) {
    const id = `state ${name} v${number} ${to}`;
    draft.step({
      kind: "state",
      of: "model",
      name,
      version: number,
      from,
      to,
      approval: to === "approved" ? approval : null,
      id,
      after: [after],
      preferAfter: [`score ${name} v${number}`],
    });
    from = to;
    after = id;
  }
  if (VERSION_STATES.indexOf(start) > VERSION_STATES.indexOf(state))
    draft.notice({
      of: "model",
      name,
      detail: `version ${number} is ${start} on the server and ${state} in the directory: a state only goes forward, so it stays ${start}`,
    });
}
