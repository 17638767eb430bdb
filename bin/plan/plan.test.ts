import { describe, expect, it } from "vitest";
import { promptHash } from "../files/content";
import type { Entry, Folder } from "../files/read-folder";
import { ModelFile, PromptFile } from "../files/shapes";
import type { RemoteModel, RemotePrompt } from "../remote/read-project";
import { makePlan, planDigest } from "./make-plan";
import type { NeededApproval, Plan, RemoteProject } from "./types";

const PRODUCTION: NeededApproval = { environment: "production", approvals: 2, leastRole: "admin" };
const entry = <T>(kind: string, name: string, value: T): Entry<T> => ({
  name,
  file: `${kind}s/${name}.yaml`,
  value,
  placeOf: () => ({ line: 1, column: 1 }),
});
const toFolder = (prompts: Record<string, object>, models: Record<string, object> = {}): Folder => ({
  prompts: Object.entries(prompts).map(([name, value]) => entry("prompt", name, PromptFile.parse(value))),
  models: Object.entries(models).map(([name, value]) => entry("model", name, ModelFile.parse(value))),
});
const version = (number: number, content: string, more: object = {}) => ({ number, messages: [{ role: "user", content }], ...more });
const modelVersion = (number: number, more: object = {}) => ({ number, engine: "vllm", precision: "bf16", ...more });

/** A server that holds exactly what a directory says. */
function toServer({ prompts }: Folder, protectedNames: string[] = []): RemoteProject {
  const toPointers = (targets: Record<string, number>) =>
    new Map(Object.entries(targets).map(([name, to]) => [name, { version: to, revision: 3 }]));
  const remote = new Map(
    prompts.map(({ name, value }): [string, RemotePrompt] => [
      name,
      {
        description: value.description,
        labels: toPointers(value.labels),
        versions: new Map(value.versions.map((v) => [v.number, { ...v, contentHash: promptHash(v) }])),
      },
    ]),
  );
  return {
    slug: "demo",
    outlines: new Map(
      [...remote].map(([name, { labels, versions }]) => [
        name,
        { latestVersion: Math.max(0, ...versions.keys()), labels: new Set(labels.keys()) },
      ]),
    ),
    modelNames: new Set(),
    prompts: remote,
    models: new Map<string, RemoteModel>(),
    scores: new Map(),
    approvalOf: (pointer) => (protectedNames.includes(pointer) ? PRODUCTION : null),
    approvalOfState: PRODUCTION,
  };
}
const EMPTY = toServer(toFolder({}));
const ids = ({ steps }: Plan) => steps.map((step) => step.id);
const details = ({ conflicts }: Plan) => conflicts.map(({ detail }) => detail);

describe("a plan", () => {
  it("against the same is empty, whatever order the directory is in", () => {
    const folder = toFolder({ a: { labels: { x: 1, y: 2 }, versions: [version(2, "two"), version(1, "one")] }, b: {} });
    expect(makePlan(folder, toServer(folder))).toMatchObject({ steps: [], conflicts: [], onlyOnServer: [], notices: [], sameVersions: 2 });
  });

  it("puts what is needed before what needs it, across prompts and models", () => {
    const folder = toFolder(
      {
        a: { versions: [version(1, "{{> b@stable}} {{> c#2}}")] },
        b: { labels: { stable: 1 }, versions: [version(1, "b")] },
        c: { versions: [version(1, "c"), version(2, "cc")] },
      },
      {
        a: { versions: [modelVersion(1, { derivedFrom: { model: "z", version: 1, method: "ptq" } })] },
        z: {
          aliases: { champion: 1 },
          versions: [
            modelVersion(1, {
              state: "candidate",
              scores: [{ set: "s", metric: "m", value: 1, better: "higher", measuredAt: "2026-11-01T00:00:00Z" }],
            }),
          ],
        },
      },
    );
    const plan = makePlan(folder, EMPTY);
    expect(plan.conflicts).toEqual([]);
    const order = ids(plan);
    for (const step of plan.steps)
      for (const id of step.after.filter((each) => order.includes(each))) expect(order.indexOf(id)).toBeLessThan(order.indexOf(step.id));
    expect(order).toContain("move label b stable");
    expect(order.indexOf("move label b stable")).toBeLessThan(order.indexOf("register prompt a v1"));
    expect(order.indexOf("register prompt c v2")).toBeLessThan(order.indexOf("register prompt a v1"));
    expect(order.indexOf("register model z v1")).toBeLessThan(order.indexOf("register model a v1"));
    expect(order.indexOf("score z v1")).toBeLessThan(order.indexOf("state z v1 candidate"));
  });

  it("moves a label that a text takes in before the label of that text: the other way round makes void what was asked for", () => {
    const before = toFolder({
      a: { labels: { production: 1 }, versions: [version(1, "{{> b@production}}"), version(2, "{{> b@production}}!")] },
      b: { labels: { production: 1 }, versions: [version(1, "b"), version(2, "bb")] },
    });
    const after = toFolder({
      a: { labels: { production: 2 }, versions: before.prompts[0]?.value.versions ?? [] },
      b: { labels: { production: 2 }, versions: before.prompts[1]?.value.versions ?? [] },
    });
    const plan = makePlan(after, toServer(before, ["production"]));
    expect(ids(plan)).toEqual(["move label b production", "move label a production"]);
    expect(plan.steps).toMatchObject([
      { from: 1, to: 2, revision: 3, approval: PRODUCTION },
      { from: 1, to: 2, revision: 3, approval: PRODUCTION },
    ]);
  });

  it("says so where there is no order", () => {
    const folder = toFolder({
      a: { labels: { x: 2 }, versions: [version(1, "{{> b@x}}"), version(2, "plain a")] },
      b: { labels: { x: 2 }, versions: [version(1, "{{> a@x}}"), version(2, "plain b")] },
    });
    const plan = makePlan(folder, EMPTY);
    expect(plan.steps).toEqual([]);
    expect(details(plan)).toEqual([expect.stringContaining("there is no order in which these could be done")]);
  });

  it("has an order where the labels are on the server already", () => {
    const [a, b] = [version(1, "plain a"), version(1, "plain b")];
    const old = toFolder({ a: { labels: { x: 1 }, versions: [a] }, b: { labels: { x: 1 }, versions: [b] } });
    const folder = toFolder({
      a: { labels: { x: 3 }, versions: [a, version(2, "{{> b@x}} a"), version(3, "newer a")] },
      b: { labels: { x: 3 }, versions: [b, version(2, "{{> a@x}} b"), version(3, "newer b")] },
    });
    expect(makePlan(folder, toServer(old))).toMatchObject({ conflicts: [], steps: { length: 6 } });
  });

  it("refuses what could not be composed, before anything is done", () => {
    const two = { number: 1, messages: [1, 2].map((n) => ({ role: "user", content: `message ${n}` })) };
    const folder = toFolder({
      a: { labels: { x: 1 }, versions: [version(1, "{{> b#1}}")] },
      b: { versions: [version(1, "{{> a@x}}")] },
      c: { versions: [version(1, "text\n {{> d#1}}")] },
      d: { versions: [two] },
    });
    expect(details(makePlan(folder, EMPTY))).toEqual([
      expect.stringContaining("a → b → a goes in a circle"),
      expect.stringContaining("b → a → b goes in a circle"),
      "line 2, column 2: d#1 has 2 messages; only a prompt of one message can stand inside another",
    ]);
  });

  it("refuses a version that the server has with another content or note, has under another number, or would number otherwise", () => {
    const server = toServer(toFolder({ a: { versions: [version(1, "one"), version(2, "two", { note: "n" })] } }));
    const planned = (...versions: object[]) => details(makePlan(toFolder({ a: { versions } }), server));
    expect(planned(version(1, "other"))).toEqual([expect.stringMatching(/differs from the server's in messages\..*next number \(3\)/)]);
    expect(planned(version(2, "two"))).toEqual([
      expect.stringMatching(/differs from the server's in note\. A version never changes: take the server's/),
    ]);
    expect(planned(version(3, "one"))).toEqual([expect.stringContaining("has the content of version 1 on the server")]);
    expect(planned(version(4, "four"), version(5, "five"))).toEqual([expect.stringContaining("the next one is 3")]);
    expect(planned({ number: 3, kind: "text", text: "three" })).toEqual([expect.stringContaining("another kind is another prompt")]);
    expect(planned(version(3, "three"))).toEqual([]);
  });

  it("never takes a state back, and leaves alone what it cannot say", () => {
    const remote = { ...EMPTY, modelNames: new Set(["m"]) };
    const folder = toFolder({}, { m: { description: "new words", versions: [modelVersion(1)] } });
    const registered = makePlan(folder, EMPTY).steps.find((step) => step.kind === "register");
    const line = { number: 1, digest: registered?.kind === "register" ? registered.hash : "", state: "approved" };
    const models = new Map([
      ["m", { description: "old words", tags: [], aliases: new Map(), versions: new Map([[1, line]]) } as unknown as RemoteModel],
    ]);
    const plan = makePlan(folder, { ...remote, models });
    expect(plan).toMatchObject({ steps: [], conflicts: [], sameVersions: 1 });
    expect(plan.notices.map(({ detail }) => detail)).toEqual([
      expect.stringContaining("description or tags differ"),
      expect.stringContaining("version 1 is approved on the server and draft in the directory"),
    ]);
  });

  it("refuses models that are derived from each other", () => {
    const from = (model: string) => ({ derivedFrom: { model, version: 1, method: "ptq" } });
    const folder = toFolder({}, { a: { versions: [modelVersion(1, from("b"))] }, b: { versions: [modelVersion(1, from("a"))] } });
    expect(details(makePlan(folder, EMPTY))).toHaveLength(2);
  });

  it("has a digest that follows the server as well as the directory", () => {
    const folder = toFolder({ a: { labels: { x: 1 }, versions: [version(1, "one")] } });
    const other = toFolder({ a: { versions: [version(1, "one")] } });
    const digest = (server: RemoteProject, project = "demo") => planDigest(makePlan(folder, server), project);
    expect(digest(EMPTY)).toBe(digest(toServer(toFolder({}))));
    expect(digest(EMPTY)).not.toBe(digest(toServer(other)));
    expect(digest(toServer(other))).not.toBe(digest(toServer(other, ["x"])));
    expect(digest(EMPTY)).not.toBe(digest(EMPTY, "other"));
  });
});
