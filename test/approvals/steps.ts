import { fc } from "../property";
import { type OwnerKind, POINTER_NAMES, type PointerName, type ReferenceModel, STATES, type State } from "./reference-model";

/** Who calls, by their place in the world's list of callers. */
export const CALLERS = [
  "viewer",
  "engineer",
  "engineer",
  "approver",
  "approver",
  "approver",
  "admin",
  "admin",
  "token of 3",
  "token of 1",
] as const;
const APPROVERS = [3, 4, 5, 6, 7];

export const OWNERS: readonly { name: string; kind: OwnerKind }[] = [
  { name: "p1", kind: "prompt" },
  { name: "m1", kind: "model" },
  { name: "p2", kind: "prompt" },
  { name: "m2", kind: "model" },
];

/** As drawn, `to` and `version` are any numbers; `aim` makes versions of them. `owner` is a place in OWNERS, `back` counts requests from the newest, `to` null takes away, `backMs` tells afterwards. */
export type Step =
  | { do: "register"; who: number; owner: number }
  | { do: "ask"; who: number; owner: number; name: PointerName; to: number | null; onCall: boolean; backMs: number }
  | { do: "ask-approved"; who: number; owner: number; version: number; onCall: boolean }
  | { do: "vote"; who: number; back: number; approve: boolean; isStale: boolean }
  | { do: "point"; who: number; owner: number; name: PointerName; to: number | null; backMs: number }
  | { do: "restore"; who: number; owner: number; name: PointerName; revision: number | null }
  | { do: "move"; who: number; owner: number; version: number; to: State }
  | { do: "cancel"; who: number; back: number }
  | { do: "evidence"; who: number; back: number; pass: boolean }
  | { do: "glass"; who: number; back: number }
  | { do: "policy"; who: number; environment: string; approvals: number; isStrict: boolean; hours: number; needsCheck: boolean }
  | { do: "protect"; who: number; names: PointerName[] }
  | { do: "wait"; ms: number }
  | { do: "reconcile" }
  /** Steps of one caller on end, as an import makes them, or one request that is carried through. */
  | { do: "series"; what: "import" | "carried"; steps: Step[] };

const who = fc.nat(CALLERS.length - 1);
/** Mostly somebody who may write at all. */
const writer = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(1, 2, 3, 4, 6, 8, 9) }, { weight: 1, arbitrary: who });
const approver = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...APPROVERS) }, { weight: 1, arbitrary: who });
const admin = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(6, 7) }, { weight: 1, arbitrary: who });
const owner = fc.constantFrom(0, 0, 1, 1, 2, 3);
const model = fc.constantFrom(1, 1, 3);
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constant("production" as const) },
  { weight: 2, arbitrary: fc.constantFrom(...POINTER_NAMES) },
);
const version = fc.nat(10_000);
const to = fc.option(version, { nil: null, freq: 9 });
const back = fc.constantFrom(0, 0, 0, 1, 2, 3);
const mostly = fc.nat(7).map((n) => n > 0);
const rarely = fc.nat(9).map((n) => n === 0);
const backMs = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 50_000_000 }) });

const register = fc.record({ do: fc.constant("register" as const), who: writer, owner });
const ask = fc.record({ do: fc.constant("ask" as const), who: writer, owner, name, to, onCall: fc.boolean(), backMs });
const askApproved = fc.record({ do: fc.constant("ask-approved" as const), who: writer, owner: model, version, onCall: fc.boolean() });
const vote = fc.record({ do: fc.constant("vote" as const), who: approver, back, approve: mostly, isStale: rarely });
const point = fc.record({ do: fc.constant("point" as const), who: writer, owner, name, to, backMs });
const move = fc.record({ do: fc.constant("move" as const), who: writer, owner: model, version, to: fc.constantFrom(...STATES) });
const evidence = fc.record({ do: fc.constant("evidence" as const), who: writer, back, pass: mostly });

/** Asked, answered, approved by whoever may, and used: most of these end in a move. */
const carried = fc
  .record({ ask: fc.oneof(ask, ask, ask, askApproved), order: fc.shuffledSubarray(APPROVERS, { minLength: 2 }), pass: mostly })
  .map(({ ask: asked, order, pass }): Step => {
    const votes = order.map((each): Step => ({ do: "vote", who: each, back: 0, approve: true, isStale: false }));
    const use: Step =
      asked.do === "ask"
        ? { do: "point", who: 1, owner: asked.owner, name: asked.name, to: asked.to, backMs: 0 }
        : { do: "move", who: 1, owner: asked.owner, version: asked.version, to: "approved" };
    const ready: Step[] = asked.do === "ask" ? [] : [{ do: "move", who: 2, owner: asked.owner, version: asked.version, to: "candidate" }];
    return { do: "series", what: "carried", steps: [...ready, asked, { do: "evidence", who: 2, back: 0, pass }, ...votes, use] };
  });

/** What the command's import does with a folder: the same calls one after the other, by a token. */
const imported = fc
  .record({
    who: fc.constantFrom(8, 9),
    steps: fc.array(fc.oneof(register, point, point, ask, askApproved, move), { minLength: 2, maxLength: 5 }),
  })
  .map(({ who: by, steps }): Step => ({ do: "series", what: "import", steps: steps.map((s) => ({ ...s, who: by })) }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: carried },
  { weight: 2, arbitrary: imported },
  { weight: 3, arbitrary: register },
  { weight: 5, arbitrary: ask },
  { weight: 2, arbitrary: askApproved },
  { weight: 8, arbitrary: vote },
  { weight: 6, arbitrary: point },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("restore" as const),
      who: writer,
      owner,
      name,
      revision: fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }),
    }),
  },
  { weight: 3, arbitrary: move },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), who, back }) },
  { weight: 2, arbitrary: evidence },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("glass" as const), who: admin, back }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("policy" as const),
      who: admin,
      environment: fc.constantFrom("production", "production", "staging"),
      approvals: fc.constantFrom(1, 1, 2),
      isStrict: rarely,
      hours: fc.constantFrom(1, 24, 72),
      needsCheck: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("protect" as const), who: admin, names: fc.subarray([...POINTER_NAMES], { minLength: 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 60_000, 3_600_000, 40 * 3_600_000) }) },
  { weight: 1, arbitrary: fc.constant({ do: "reconcile" as const }) },
);

/** Aimed at what is there, so that much comes to pass; one in eleven goes wide, since what is not there must be refused as well. */
export function aim(step: Exclude<Step, { do: "series" }>, model: ReferenceModel): Exclude<Step, { do: "series" }> {
  if (step.do !== "ask" && step.do !== "point" && step.do !== "ask-approved" && step.do !== "move") return step;
  const { name: owner = "", kind } = OWNERS[step.owner] ?? {};
  const versions = model.owners.get(owner)?.versions ?? [];
  const pickFrom = (pick: number, isWanted: (number: number) => boolean): number => {
    if (pick % 11 === 0) return 1 + (pick % 5);
    const all = versions.map((_, i) => i + 1);
    const wanted = all.filter(isWanted);
    const list = wanted.length > 0 ? wanted : all;
    return list[pick % Math.max(1, list.length)] ?? 1;
  };
  const stateOf = (number: number) => versions[number - 1]?.state;
  if (step.do === "ask-approved")
    return { ...step, version: pickFrom(step.version, (n) => stateOf(n) === "candidate" || stateOf(n) === "draft") };
  if (step.do === "move") {
    const before = STATES[STATES.indexOf(step.to) - 1];
    return { ...step, version: pickFrom(step.version, (n) => stateOf(n) === before) };
  }
  const name = step.do === "ask" && !model.guarded.has(step.name) ? ([...model.guarded][0] ?? step.name) : step.name;
  if (step.to === null) return { ...step, name };
  const isRight = (n: number) => n !== model.at(owner, name) && (kind === "prompt" || stateOf(n) === "approved");
  return { ...step, name, to: pickFrom(step.to, isRight) };
}

/** In a request that is carried through: whether this step comes too late to matter, or answers a check that nobody asks for. */
export function isOver(step: Exclude<Step, { do: "series" }>, model: ReferenceModel): boolean {
  const newest = model.requests.at(-1);
  if (step.do === "vote") return newest?.outcome !== "pending";
  if (step.do === "evidence") return newest?.outcome !== "pending" || !model.needsCheck(newest.target);
  return (step.do === "point" || (step.do === "move" && step.to === "approved")) && newest?.outcome !== "approved";
}
