import { AppError } from "@/lib/core/errors";
import type { Role } from "@/lib/core/policy/actions";
import type { Actor } from "@/lib/core/policy/authorize";
import {
  attachEvidence,
  breakGlass,
  cancelApproval,
  decideApproval,
  getApproval,
  listApprovals,
  putApprovalPolicy,
  putProtectedNames,
  reconcileApprovals,
  requestApproval,
} from "@/lib/domain/approvals";
import { getModelAlias, moveModelAlias, removeModelAlias, restoreModelAlias } from "@/lib/domain/pointers";
import {
  createPrompt,
  createPromptVersion,
  getPromptLabel,
  movePromptLabel,
  removePromptLabel,
  restorePromptLabel,
} from "@/lib/domain/prompts";
import { changeModelVersionState, createModel, createModelVersion } from "@/lib/domain/registry";
import { db } from "@/lib/infra/db";
import { call, createTestPerson, createTestProject, createTestToken, type TestDomain, type TestProject } from "../factories";
import type { TestClock } from "../test-clock";
import { type Caller, type Outcome, type PointerName, ReferenceModel, type Target } from "./reference-model";
import { aim, OWNERS, type Step } from "./steps";

type Person = Extract<Actor, { kind: "user" }>;
const REASON = "a property";
const BASIC_ROLES: readonly Role[] = ["viewer", "engineer", "engineer", "approver", "approver", "approver", "admin", "admin"];

/** A refusal is an answer; anything else is a fault of ours. */
async function isAccepted(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    return false;
  }
}

type Basic = Exclude<Step, { do: "series" }>;
type Agreement = { readonly real: boolean; readonly model: boolean };
const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no ${index}`);
  return found;
};

/** One project on a real database, and the reference model beside it: each step is taken by both. */
export class World {
  readonly model: ReferenceModel;
  /** Ids of the requests, in the order in which they were asked. */
  private readonly ids: string[] = [];

  private constructor(
    readonly project: TestProject,
    private readonly actors: readonly Actor[],
    private readonly clock: TestClock,
    startMs: number,
  ) {
    this.model = new ReferenceModel(startMs);
  }

  static async open(domain: TestDomain, clock: TestClock, startMs: number): Promise<World> {
    await clock.set(startMs);
    const project = await createTestProject(domain, { protectedNames: ["production"] });
    const people: Person[] = [];
    for (const role of BASIC_ROLES) people.push(await createTestPerson(project, role));
    const scopes = ["read", "registry:write", "approvals:request"] as const;
    const tokens = [await createTestToken(at(people, 3), scopes), await createTestToken(at(people, 1), scopes)];
    const world = new World(project, [...people, ...tokens], clock, startMs);
    for (const [who, owner] of [1, 2, 4, 8].flatMap((each) => [0, 1].map((o) => [each, o] as const)))
      await world.take({ do: "register", who, owner });
    return world;
  }

  private caller(who: number): Caller {
    const actor = at(this.actors, who);
    if (actor.kind === "system") throw new Error("the system calls nothing here");
    return { person: actor.kind === "user" ? actor.userId : actor.makerId, role: actor.role, isToken: actor.kind === "token" };
  }

  /** Time passes first, so that no two steps need the same instant; sometimes they have it all the same. */
  async pass(ms: number): Promise<void> {
    this.model.tick(ms);
    await this.clock.set(this.model.nowMs);
  }

  private indexOf(back: number): number {
    return this.ids.length - 1 - back;
  }

  /** The step as it was aimed, and whether each accepted it. */
  async take(drawn: Basic): Promise<Agreement & { step: Basic }> {
    const step = aim(drawn, this.model);
    return { step, ...(await this.act(step)) };
  }

  private async act(step: Basic): Promise<Agreement> {
    const actor = at(this.actors, "who" in step ? step.who : 0);
    const who = this.caller("who" in step ? step.who : 0);
    const { model } = this;
    switch (step.do) {
      case "register": {
        const { name, kind } = at(OWNERS, step.owner);
        const real = await isAccepted(() => this.register(actor, name, kind));
        return { real, model: model.register(who, name, kind) };
      }
      case "ask": {
        const target = this.toTarget(step);
        return { real: await this.ask(actor, target, step.onCall), model: model.ask(who, target, step.onCall) };
      }
      case "ask-approved": {
        const target = { do: "approve" as const, owner: at(OWNERS, step.owner).name, version: step.version };
        return { real: await this.ask(actor, target, step.onCall), model: model.ask(who, target, step.onCall) };
      }
      case "point": {
        const target = this.toTarget(step);
        return { real: await isAccepted(() => this.point(actor, target)), model: model.point(who, target) };
      }
      case "restore": {
        const { name: owner, kind } = at(OWNERS, step.owner);
        const body = { reason: REASON, ...(step.revision === null ? {} : { revision: step.revision }) };
        const real = await isAccepted(() =>
          kind === "prompt"
            ? call(restorePromptLabel, actor, { params: { name: owner, label: step.name }, body, ifMatch: "*" })
            : call(restoreModelAlias, actor, { params: { name: owner, alias: step.name }, body, ifMatch: "*" }),
        );
        return { real, model: model.restore(who, { owner, name: step.name, revision: step.revision }) };
      }
      case "move": {
        const { name: owner } = at(OWNERS, step.owner);
        const params = { name: owner, version: String(step.version) };
        const real = await isAccepted(() => call(changeModelVersionState, actor, { params, body: { to: step.to, reason: REASON } }));
        return { real, model: model.move(who, owner, step.version, step.to) };
      }
      case "vote":
        return this.vote(actor, who, step);
      case "evidence": {
        const body = { title: "run", check: "evaluation", result: step.pass ? "pass" : "fail" };
        const real = await this.onRequest(step.back, (id) => call(attachEvidence, actor, { params: { id }, body }));
        return { real, model: model.attach(who, this.indexOf(step.back), step.pass) };
      }
      case "cancel": {
        const real = await this.onRequest(step.back, (id) => call(cancelApproval, actor, { params: { id }, body: { reason: REASON } }));
        return { real, model: model.cancel(who, this.indexOf(step.back)) };
      }
      case "glass": {
        const real = await this.onRequest(step.back, (id, digest) =>
          call(breakGlass, actor, { params: { id }, body: { digest, reason: "an emergency" } }),
        );
        return { real, model: model.breakGlass(who, this.indexOf(step.back)) };
      }
      case "policy": {
        const { approvals, hours, needsCheck, environment } = step;
        const leastRole = step.isStrict ? ("admin" as const) : ("approver" as const);
        const body = { approvals, leastRole, expiryHours: hours, requiredChecks: needsCheck ? ["evaluation"] : [], reason: REASON };
        const real = await isAccepted(() => call(putApprovalPolicy, actor, { params: { environment }, body, ifMatch: "*" }));
        return { real, model: model.setPolicy(who, environment, { approvals, leastRole, hours, needsCheck }) };
      }
      case "protect": {
        const real = await isAccepted(() => call(putProtectedNames, actor, { body: { names: step.names, reason: REASON }, ifMatch: "*" }));
        return { real, model: model.protect(who, step.names) };
      }
      case "wait":
        await this.pass(step.ms);
        return { real: true, model: true };
      case "reconcile":
        await reconcileApprovals();
        return { real: true, model: true };
    }
  }

  private toTarget(step: Extract<Basic, { do: "ask" | "point" }>): Extract<Target, { do: "point" }> {
    const { name, to, backMs } = step;
    // A removal has no time of its own in the ordinary call.
    const validFromMs = backMs === 0 || (to === null && step.do === "point") ? null : this.model.nowMs - backMs;
    return { do: "point", owner: at(OWNERS, step.owner).name, name, to, validFromMs };
  }

  private async register(actor: Actor, name: string, kind: "prompt" | "model"): Promise<void> {
    const isNew = !this.model.owners.has(name);
    if (kind === "prompt") {
      if (isNew) await call(createPrompt, actor, { body: { name } });
      const content = `Text ${(this.model.owners.get(name)?.versions.length ?? 0) + 1}`;
      await call(createPromptVersion, actor, { params: { name }, body: { messages: [{ role: "system", content }] } });
    } else {
      if (isNew) await call(createModel, actor, { body: { name } });
      await call(createModelVersion, actor, { params: { name }, body: { engine: "vllm", precision: "bf16" } });
    }
  }

  private ask(actor: Actor, target: Target, onCall: boolean): Promise<boolean> {
    const isPrompt = OWNERS.find((o) => o.name === target.owner)?.kind === "prompt";
    const pointer = (t: Extract<Target, { do: "point" }>) => ({
      ...(isPrompt ? { prompt: t.owner, label: t.name } : { model: t.owner, alias: t.name }),
      version: t.to,
      ...(t.validFromMs === null ? {} : { validFrom: new Date(t.validFromMs).toISOString() }),
    });
    const subject = target.do === "approve" ? { model: target.owner, version: target.version } : pointer(target);
    const kind = target.do === "approve" ? "model-version-approval" : isPrompt ? "prompt-label" : "model-alias";
    return isAccepted(async () => {
      const body = { kind, subject, reason: REASON, execution: onCall ? "on_call" : "on_approval" };
      this.ids.push((await call(requestApproval, actor, { body })).result.id);
    });
  }

  private point(actor: Actor, { owner, name, to, validFromMs }: Extract<Target, { do: "point" }>): Promise<unknown> {
    const isPrompt = OWNERS.find((o) => o.name === owner)?.kind === "prompt";
    const body = { version: to, reason: REASON, ...(validFromMs === null ? {} : { validFrom: new Date(validFromMs).toISOString() }) };
    const removal = { query: { reason: REASON }, ifMatch: "*" };
    if (isPrompt) {
      const params = { name: owner, label: name };
      return to === null
        ? call(removePromptLabel, actor, { params, ...removal })
        : call(movePromptLabel, actor, { params, body, ifMatch: "*" });
    }
    const params = { name: owner, alias: name };
    return to === null
      ? call(removeModelAlias, actor, { params, ...removal })
      : call(moveModelAlias, actor, { params, body, ifMatch: "*" });
  }

  private async onRequest(back: number, run: (id: string, digest: string) => Promise<unknown>): Promise<boolean> {
    const id = this.ids[this.indexOf(back)];
    if (id === undefined) return false;
    const { digest } = await db().prisma.approval.findUniqueOrThrow({ where: { id }, select: { digest: true } });
    return isAccepted(() => run(id, digest));
  }

  private async vote(actor: Actor, who: Caller, step: Extract<Basic, { do: "vote" }>): Promise<Agreement> {
    let isLate = false;
    const real = await this.onRequest(step.back, async (id, digest) => {
      const body = {
        verdict: step.approve ? "approve" : "reject",
        digest: step.isStale ? "0".repeat(64) : digest,
        reason: "looked at it all",
      };
      const { state } = (await call(decideApproval, actor, { params: { id }, body })).result;
      isLate = state === "void" || state === "expired";
    });
    // A vote that came too late is answered, and nothing is done.
    return { real: real && !isLate, model: !step.isStale && this.model.vote(who, this.indexOf(step.back), step.approve) };
  }

  /** Where everything stands on the database. A request that is over and not written so yet says it when it is looked at. */
  async read(): Promise<{ outcomes: Outcome[]; present: Record<string, string> }> {
    const [outcomes, present] = await Promise.all([this.readOutcomes(), this.readPresent()]);
    return { outcomes, present };
  }

  private async readOutcomes(): Promise<Outcome[]> {
    const rows = await db().prisma.$queryRaw<{ id: string; state: string; expiresAt: Date }[]>`
      select id, state, expires_at as "expiresAt" from approval where project_id = ${this.project.id} order by number`;
    return Promise.all(rows.map((row, index) => this.outcomeOf(row, at(this.model.requests, index).outcome)));
  }

  private async outcomeOf(row: { id: string; state: string; expiresAt: Date }, expected: Outcome): Promise<Outcome> {
    if (row.state === "void" || row.state === "expired") return "ended";
    if (expected !== "ended" || (row.state !== "pending" && row.state !== "approved")) return row.state as Outcome;
    if (this.model.nowMs >= row.expiresAt.getTime()) return "ended";
    const { differences } = (await call(getApproval, this.project.viewer, { params: { id: row.id } })).result;
    return differences.length > 0 ? "ended" : row.state;
  }

  /** `owner name` → version, and `owner version` → state, as the tables say. */
  private async readPresent(): Promise<Record<string, string>> {
    const rows = await db().prisma.$queryRaw<{ key: string; value: string }[]>`
      select p.name || ' ' || l.label as key, v.number::text as value from prompt_label l join prompt p on p.id = l.prompt_id join prompt_version v on v.id = l.version_id
        where p.project_id = ${this.project.id}
      union all select m.name || ' ' || a.alias, v.number::text from model_alias a join model m on m.id = a.model_id join model_version v on v.id = a.version_id
        where m.project_id = ${this.project.id}
      union all select m.name || ' ' || v.number, s.state from model_version_state s join model_version v on v.id = s.version_id join model m on m.id = v.model_id
        where m.project_id = ${this.project.id}`;
    return Object.fromEntries(rows.map((r) => [r.key, r.value]));
  }

  /** Where the API says that it was; null: nowhere. */
  async askWhere(owner: string, name: PointerName, { atMs, knownAtMs }: { atMs: number; knownAtMs: number }): Promise<number | null> {
    const query = { at: new Date(atMs).toISOString(), knownAt: new Date(knownAtMs).toISOString() };
    try {
      const answer =
        this.model.owners.get(owner)?.kind === "prompt"
          ? await call(getPromptLabel, this.project.viewer, { params: { name: owner, label: name }, query })
          : await call(getModelAlias, this.project.viewer, { params: { name: owner, alias: name }, query });
      return answer.result.version;
    } catch (error) {
      if (error instanceof AppError && error.code === "not_found") return null;
      throw error;
    }
  }

  /** Numbers of the requests, in the order in which they were asked. */
  async readNumbers(): Promise<number[]> {
    const { items } = (await call(listApprovals, this.project.viewer, { query: { limit: 200 } })).result;
    const rows = await db().prisma.approval.findMany({ where: { id: { in: this.ids } }, select: { id: true, number: true } });
    const numbers = new Map(rows.map((r) => [r.id, r.number]));
    if (items.length !== Math.min(200, this.ids.length)) throw new Error("the list lacks requests");
    return this.ids.map((id) => numbers.get(id) ?? 0);
  }
}
