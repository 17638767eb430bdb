import { afterAll, beforeAll, expect, it } from "vitest";
import { POINTER_NAMES, type PointerName } from "@/test/approvals/reference-model";
import { isOver, type Step, step } from "@/test/approvals/steps";
import { World } from "@/test/approvals/world";
import { call, openTestDomain, type TestDomain } from "@/test/factories";
import { fc } from "@/test/property";
import { installTestClock, type TestClock } from "@/test/test-clock";
import { getModelAliasHistory } from "../pointers";
import { getPromptLabelHistory } from "../prompts";

/** Steps on the database; more by `PROPERTY_STEPS=10000`. */
const STEPS = Number(process.env.PROPERTY_STEPS ?? 300);
const STEPS_A_WORLD = 100;
const START_MS = Date.parse("2026-11-02T09:00:00.000Z");

let domain: TestDomain;
let clock: TestClock;
beforeAll(async () => {
  domain = await openTestDomain();
  clock = await installTestClock(domain, START_MS);
});
afterAll(async () => {
  await clock.close();
  await domain.close();
});

const flat = (s: Step): Exclude<Step, { do: "series" }>[] => (s.do === "series" ? s.steps.flatMap(flat) : [s]);

const count = { steps: 0, protectedMoves: 0, freeMoves: 0, approvedVersions: 0, points: 0 };
const accepted = new Map<string, number>();
const refused = new Map<string, number>();
const add = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);

/** Where everything stands, by the model. */
function expected({ model }: World): Record<string, string> {
  const present: Record<string, string> = {};
  for (const [owner, { kind, versions }] of model.owners) {
    for (const name of POINTER_NAMES) {
      const version = model.at(owner, name);
      if (version !== null) present[`${owner} ${name}`] = String(version);
    }
    if (kind === "model") for (const [i, version] of versions.entries()) present[`${owner} ${i + 1}`] = version.state;
  }
  return present;
}

/** Every move that is written: the model's, with who let it, and in its place in both times. */
async function assertHistory(world: World, owner: string, name: PointerName, numbers: readonly number[]): Promise<void> {
  const moves = world.model.owners.get(owner)?.pointers[name] ?? [];
  if (moves.length === 0) return;
  const isPrompt = world.model.owners.get(owner)?.kind === "prompt";
  const query = { limit: 200 };
  const { items } = isPrompt
    ? (await call(getPromptLabelHistory, world.project.viewer, { params: { name: owner, label: name }, query })).result
    : (await call(getModelAliasHistory, world.project.viewer, { params: { name: owner, alias: name }, query })).result;
  const told = moves.map((m, i) => ({
    revision: i + 1,
    from: m.from,
    to: m.to,
    validFrom: new Date(m.validFromMs).toISOString(),
    recordedAt: new Date(m.recordedAtMs).toISOString(),
    approval: m.request === null ? null : numbers[m.request],
  }));
  expect(items.map(({ actor: _, reason: __, ...move }) => move)).toEqual(told.reverse());
}

/** Instants at which something happened, those beside them, and any between. */
function pickInstant(world: World, pick: number): number {
  const { nowMs, owners } = world.model;
  const known = [...owners.values()].flatMap((o) =>
    POINTER_NAMES.flatMap((n) => o.pointers[n].flatMap((m) => [m.validFromMs, m.recordedAtMs])),
  );
  const instant = known[pick % Math.max(1, known.length)];
  return pick % 4 === 0 || instant === undefined
    ? START_MS - 60_000_000 + (pick % Math.max(1, nowMs - START_MS + 60_000_000))
    : instant + (pick % 3) - 1;
}

async function assertReplays(world: World, picks: readonly [number, number][]): Promise<void> {
  const numbers = await world.readNumbers();
  for (const owner of world.model.owners.keys())
    for (const name of POINTER_NAMES) {
      await assertHistory(world, owner, name, numbers);
      for (const [first, second] of picks) {
        const when = { atMs: pickInstant(world, first), knownAtMs: pickInstant(world, second) };
        expect([when, await world.askWhere(owner, name, when)]).toEqual([when, world.model.whereAt(owner, name, when)]);
        count.points += 1;
      }
    }
}

function countWhatHappened({ model }: World): void {
  for (const owner of model.owners.values())
    for (const name of POINTER_NAMES)
      for (const move of owner.pointers[name]) count[move.request === null ? "freeMoves" : "protectedMoves"] += 1;
  count.approvedVersions += model.requests.filter((r) => r.target.do === "approve" && r.outcome === "executed").length;
}

const world = fc.record({
  steps: fc.array(fc.tuple(step, fc.constantFrom(0, 1, 1_000)), { minLength: STEPS_A_WORLD, maxLength: STEPS_A_WORLD }),
  picks: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 6, maxLength: 6 }),
});

it(`labels, aliases and approved versions do what is written and nothing else, whatever is tried`, {
  timeout: 600_000 + STEPS * 1_000,
}, async () => {
  const startedAt = performance.now();
  await fc.assert(
    fc.asyncProperty(world, async ({ steps, picks }) => {
      const beside = await World.open(domain, clock, START_MS);
      let left = Math.min(STEPS_A_WORLD, STEPS - count.steps);
      for (const [index, [s, ms]] of steps.entries()) {
        for (const each of flat(s)) {
          if (s.do === "series" && s.what === "carried" && isOver(each, beside.model)) continue;
          if (left-- <= 0) break;
          count.steps += 1;
          await beside.pass(ms);
          const { step: taken, real, model } = await beside.take(each);
          add(real ? accepted : refused, each.do);
          const is = { index, taken, isAccepted: real, ...(await beside.read()) };
          expect(is).toEqual({
            index,
            taken,
            isAccepted: model,
            outcomes: beside.model.requests.map((r) => r.outcome),
            present: expected(beside),
          });
        }
      }
      await assertReplays(beside, picks);
      countWhatHappened(beside);
    }),
    { numRuns: Math.ceil(STEPS / STEPS_A_WORLD), endOnFailure: true },
  );
  if (process.env.PROPERTY_STEPS !== undefined)
    console.log(
      JSON.stringify({
        ...count,
        seconds: Math.round((performance.now() - startedAt) / 100) / 10,
        accepted: Object.fromEntries(accepted),
        refused: Object.fromEntries(refused),
      }),
    );
  // Or it would hold for want of something that happens.
  expect(count.steps).toBe(STEPS);
  expect(count.protectedMoves).toBeGreaterThan(STEPS / 60);
  expect(count.freeMoves).toBeGreaterThan(STEPS / 60);
  expect(count.approvedVersions).toBeGreaterThan(STEPS / 120);
});
