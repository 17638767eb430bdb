import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import { db } from "@/lib/infra/db";
import {
  addTestPromptVersion,
  call,
  createTestPerson,
  createTestProject,
  createTestPromptVersion,
  openTestDomain,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { fc } from "@/test/property";
import { getPromptLabel, getPromptLabelHistory, movePromptLabel, removePromptLabel, restorePromptLabel } from "../prompts";
import {
  attachEvidence,
  cancelApproval,
  decideApproval,
  getApproval,
  listApprovals,
  putApprovalPolicy,
  reconcileApprovals,
  requestApproval,
} from ".";
import type { Approval } from "./api";

type Person = Extract<Actor, { kind: "user" }>;

let domain: TestDomain;
beforeAll(async () => {
  domain = await openTestDomain();
});
afterAll(() => domain.close());

const VERSIONS = 3;
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      who: fc.nat(4),
      version: fc.integer({ min: 0, max: VERSIONS }),
      onCall: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("vote" as const), who: fc.nat(4), back: fc.nat(1), approve: fc.nat(7).map((n) => n > 0) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("put" as const), who: fc.nat(4), version: fc.integer({ min: 0, max: VERSIONS }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), who: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), who: fc.nat(4), back: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("evidence" as const), who: fc.nat(4), back: fc.nat(1), pass: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("policy" as const), approvals: fc.integer({ min: 1, max: 2 }), check: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconcile" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A project with a protected label on a prompt that the first approver wrote. */
async function openWorld() {
  const project = await createTestProject(domain, { protectedNames: ["production"] });
  const roles = ["engineer", "approver", "approver", "admin", "engineer"] as const;
  const people = await Promise.all(roles.map((role) => createTestPerson(project, role)));
  const maker = people[1];
  if (maker === undefined) throw new Error("nobody is there");
  const made = { ...project, engineer: maker } as TestProject;
  const { prompt: name } = await createTestPromptVersion(made);
  for (let i = 2; i <= VERSIONS; i++) await addTestPromptVersion(made, name, `Text ${i} {{topic}}`);
  return { project, people, maker, params: { name, label: "production" } };
}
type World = Awaited<ReturnType<typeof openWorld>>;

/** A refusal is an answer; anything else is a fault of ours. */
async function attempt(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.status).toBeLessThan(500);
  }
}

async function take(world: World, s: Step): Promise<void> {
  const { project, people, params } = world;
  const who = people["who" in s ? s.who : 0] as Person;
  const listed = "back" in s ? (await call(listApprovals, project.admin)).result.items : [];
  const target = "back" in s ? listed[s.back] : undefined;
  const at = { params: { id: target?.id ?? "" } };
  switch (s.do) {
    case "ask":
      return attempt(() =>
        call(requestApproval, who, {
          body: {
            kind: "prompt-label",
            subject: { prompt: params.name, label: params.label, version: s.version === 0 ? null : s.version },
            reason: "a property",
            execution: s.onCall ? "on_call" : "on_approval",
          },
        }),
      );
    case "vote":
      if (target === undefined) return;
      return attempt(() =>
        call(decideApproval, who, {
          ...at,
          body: { verdict: s.approve ? "approve" : "reject", digest: target.digest, reason: "looked at it all" },
        }),
      );
    case "put":
      return attempt(() =>
        s.version === 0
          ? call(removePromptLabel, who, { params, query: { reason: "a property" }, ifMatch: "*" })
          : call(movePromptLabel, who, { params, body: { version: s.version, reason: "a property" }, ifMatch: "*" }),
      );
    case "restore":
      return attempt(() => call(restorePromptLabel, who, { params, body: { reason: "a property" }, ifMatch: "*" }));
    case "cancel":
      return target && attempt(() => call(cancelApproval, who, { ...at, body: { reason: "a property" } }));
    case "evidence":
      return (
        target &&
        attempt(() => call(attachEvidence, who, { ...at, body: { title: "run", check: "evaluation", result: s.pass ? "pass" : "fail" } }))
      );
    case "policy":
      return attempt(() =>
        call(putApprovalPolicy, people[3] as Person, {
          params: { environment: "production" },
          body: { approvals: s.approvals, requiredChecks: s.check ? ["evaluation"] : [], reason: "a property" },
          ifMatch: "*",
        }),
      );
    case "reconcile":
      await reconcileApprovals();
  }
}

/** What the rows must say of every move there was, counted without the domain's rules. */
async function assertCovered(world: World): Promise<number> {
  const { project, params, maker } = world;
  const label = await call(getPromptLabel, project.viewer, { params }).catch(() => null);
  const moves = await db().prisma.promptLabelMove.findMany({ where: { prompt: { projectId: project.id } }, orderBy: { revision: "asc" } });
  expect(label?.result.content.id ?? null).toBe(moves.at(-1)?.toVersionId ?? null);
  const used = new Set(moves.map((m) => m.approvalId));
  expect(used.size).toBe(moves.length);
  for (const [index, move] of moves.entries()) {
    expect([move.revision, move.fromVersionId]).toEqual([index + 1, moves[index - 1]?.toVersionId ?? null]);
    const approval = await db().prisma.approval.findUniqueOrThrow({ where: { id: move.approvalId ?? "" }, include: { decisions: true } });
    expect([approval.state, approval.targetId]).toEqual(["executed", move.toVersionId]);
    const content = JSON.parse(approval.content) as Approval["content"];
    expect(content.change).toMatchObject({ revision: index });
    const given = approval.decisions.filter((d) => d.digest === approval.digest && d.verdict === "approve");
    expect(given.length).toBeGreaterThanOrEqual(content.policy.approvals);
    for (const d of given) {
      expect(d.userId).not.toBe(approval.requesterId);
      if (move.toVersionId !== null) expect(d.userId).not.toBe(maker.userId);
      expect(["approver", "admin"]).toContain(d.role);
    }
    if (content.policy.requiredChecks.length > 0) expect(content.evidence.at(-1)?.result).toBe("pass");
  }
  if (moves.length > 0) {
    const shown = (await call(getPromptLabelHistory, project.viewer, { params })).result.items;
    expect(shown.map((m) => m.revision)).toEqual(moves.map((m) => m.revision).reverse());
    for (const m of shown) {
      const then = await call(getPromptLabel, project.viewer, { params, query: { at: m.validFrom } }).catch(() => null);
      const same = shown.filter((each) => each.validFrom === m.validFrom);
      expect(then?.result.version ?? null).toBe(same[0]?.to ?? null);
    }
  }
  return moves.length;
}

it("a protected label on a real database never moves without a valid approval of exactly that target, and its history replays", async () => {
  let moved = 0;
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 40 }), async (sequence) => {
      const world = await openWorld();
      for (const s of sequence) {
        steps += 1;
        await take(world, s);
      }
      moved += await assertCovered(world);
      for (const a of (await call(listApprovals, world.project.admin)).result.items)
        await call(getApproval, world.project.viewer, { params: { id: a.id } });
    }),
    { numRuns: 12 },
  );
  expect(steps).toBeGreaterThan(300);
  // Or the property would hold for want of a move.
  expect(moved).toBeGreaterThan(4);
}, 240_000);
