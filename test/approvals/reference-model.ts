/**
 * What docs/approvals.md says, once more in a few lines of memory: which calls are accepted and what they leave. Written from that page and
 * from nothing of the product, so that the two can only agree where both do what is written.
 */

export type PersonRole = "viewer" | "engineer" | "approver" | "admin";
/** Whoever calls: `person` is who counts, the maker of a token. */
export interface Caller {
  readonly person: string;
  readonly role: PersonRole;
  readonly isToken: boolean;
}
export type OwnerKind = "prompt" | "model";
export const POINTER_NAMES = ["production", "staging", "canary"] as const;
export type PointerName = (typeof POINTER_NAMES)[number];
export const STATES = ["draft", "candidate", "approved", "retired"] as const;
export type State = (typeof STATES)[number];

/** What is asked for: a pointer that moves, or a version that becomes approved. */
export type Target =
  | {
      readonly do: "point";
      readonly owner: string;
      readonly name: PointerName;
      readonly to: number | null;
      readonly validFromMs: number | null;
    }
  | { readonly do: "approve"; readonly owner: string; readonly version: number };

interface Move {
  readonly to: number | null;
  readonly from: number | null;
  readonly validFromMs: number;
  readonly recordedAtMs: number;
  /** Number of the request that it executed, counted from 0; null: none was needed. */
  readonly request: number | null;
}
interface Version {
  readonly maker: string;
  state: State;
  moves: number;
}
interface Owner {
  readonly kind: OwnerKind;
  readonly versions: Version[];
  readonly pointers: Record<PointerName, Move[]>;
}
export interface Policy {
  readonly approvals: number;
  readonly leastRole: "approver" | "admin";
  readonly hours: number;
  readonly needsCheck: boolean;
}
export type Outcome = "pending" | "approved" | "executed" | "rejected" | "cancelled" | "ended";
interface Request {
  readonly target: Target;
  readonly by: string;
  readonly onCall: boolean;
  readonly expiresAtMs: number;
  /** Everything that was shown, apart from evidence. */
  readonly shown: string;
  evidence: { by: string; pass: boolean }[];
  /** Of the present evidence only. */
  approvers: string[];
  outcome: Outcome;
}

const RANK: Record<PersonRole, number> = { viewer: 0, engineer: 1, approver: 2, admin: 3 };
const HOUR = 3_600_000;

export class ReferenceModel {
  nowMs: number;
  readonly owners = new Map<string, Owner>();
  readonly requests: Request[] = [];
  guarded = new Set<PointerName>(["production"]);
  private readonly policies = new Map<string, Policy & { readonly revision: number }>();

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  /** Models and prompts belong to no environment: a name goes by the environment of that name, else by production. */
  private policyOf(target: Target): Policy & { revision: number } {
    const environment = target.do === "point" && target.name === "staging" ? "staging" : "production";
    return this.policies.get(environment) ?? { approvals: 1, leastRole: "approver", hours: 72, needsCheck: false, revision: 0 };
  }

  needsCheck(target: Target): boolean {
    return this.policyOf(target).needsCheck;
  }

  private ownerOf(target: Target): Owner | undefined {
    return this.owners.get(target.owner);
  }

  at(owner: string, name: PointerName): number | null {
    return this.owners.get(owner)?.pointers[name].at(-1)?.to ?? null;
  }

  /** What is and what would be, or null for what cannot be asked for. */
  private show(target: Target): string | null {
    const owner = this.ownerOf(target);
    if (owner === undefined) return null;
    const policy = this.policyOf(target);
    if (target.do === "approve") {
      const version = owner.kind === "model" ? owner.versions[target.version - 1] : undefined;
      return version?.state === "candidate" ? JSON.stringify([target, policy, version]) : null;
    }
    if (!this.guarded.has(target.name)) return null;
    const from = this.at(target.owner, target.name);
    if (from === target.to) return null;
    const to = target.to === null ? null : owner.versions[target.to - 1];
    if (to === undefined || (owner.kind === "model" && to !== null && to.state !== "approved")) return null;
    return JSON.stringify([target, policy, owner.pointers[target.name].length, from === null ? null : owner.versions[from - 1], to]);
  }

  /** Time and changes end what is open. */
  private settle(): void {
    for (const r of this.requests)
      if ((r.outcome === "pending" || r.outcome === "approved") && (this.nowMs >= r.expiresAtMs || this.show(r.target) !== r.shown))
        r.outcome = "ended";
  }

  tick(ms: number): void {
    this.nowMs += ms;
    this.settle();
  }

  private sameTarget = (a: Target, b: Target): boolean =>
    a.do === b.do &&
    a.owner === b.owner &&
    (a.do === "point" ? b.do === "point" && a.name === b.name && a.to === b.to : b.do === "approve" && a.version === b.version);

  register(who: Caller, owner: string, kind: OwnerKind): boolean {
    if (RANK[who.role] < RANK.engineer) return false;
    const known = this.owners.get(owner) ?? { kind, versions: [], pointers: { production: [], staging: [], canary: [] } };
    known.versions.push({ maker: who.person, state: "draft", moves: 0 });
    this.owners.set(owner, known);
    return true;
  }

  ask(who: Caller, target: Target, onCall: boolean): boolean {
    if (RANK[who.role] < RANK.engineer) return false;
    const shown = this.show(target);
    if (shown === null) return false;
    if (this.requests.some((r) => (r.outcome === "pending" || r.outcome === "approved") && this.sameTarget(r.target, target))) return false;
    const expiresAtMs = this.nowMs + this.policyOf(target).hours * HOUR;
    this.requests.push({ target, by: who.person, onCall, expiresAtMs, shown, evidence: [], approvers: [], outcome: "pending" });
    return true;
  }

  /** Who had a hand in it. */
  private hands(r: Request): string[] {
    const version = r.target.do === "point" ? r.target.to : r.target.version;
    const maker = version === null ? undefined : this.ownerOf(r.target)?.versions[version - 1]?.maker;
    return [r.by, ...(maker === undefined ? [] : [maker]), ...r.evidence.map((e) => e.by)];
  }

  vote(who: Caller, index: number, approve: boolean): boolean {
    const r = this.requests[index];
    if (r === undefined || r.outcome !== "pending" || who.isToken) return false;
    const policy = this.policyOf(r.target);
    if (RANK[who.role] < RANK[policy.leastRole] || this.hands(r).includes(who.person) || r.approvers.includes(who.person)) return false;
    if (!approve) {
      r.outcome = "rejected";
      return true;
    }
    if (policy.needsCheck && r.evidence.at(-1)?.pass !== true) return false;
    r.approvers.push(who.person);
    if (r.approvers.length >= policy.approvals) {
      r.outcome = "approved";
      if (!r.onCall) this.execute(index);
    }
    return true;
  }

  attach(who: Caller, index: number, pass: boolean): boolean {
    const r = this.requests[index];
    if (r === undefined || r.outcome !== "pending" || RANK[who.role] < RANK.engineer || r.evidence.length >= 20) return false;
    r.evidence.push({ by: who.person, pass });
    r.approvers = [];
    return true;
  }

  cancel(who: Caller, index: number): boolean {
    const r = this.requests[index];
    if (r === undefined || (r.outcome !== "pending" && r.outcome !== "approved") || RANK[who.role] < RANK.engineer) return false;
    if (r.by !== who.person && (who.isToken || who.role !== "admin")) return false;
    r.outcome = "cancelled";
    return true;
  }

  breakGlass(who: Caller, index: number): boolean {
    const r = this.requests[index];
    if (r === undefined || r.outcome !== "pending" || who.isToken || who.role !== "admin") return false;
    this.execute(index);
    return true;
  }

  private execute(index: number): void {
    const r = this.requests[index];
    if (r === undefined) return;
    r.outcome = "executed";
    if (r.target.do === "approve") this.setState(r.target.owner, r.target.version, "approved");
    else this.write(r.target, index);
  }

  private write(target: Extract<Target, { do: "point" }>, request: number | null): void {
    const moves = this.owners.get(target.owner)?.pointers[target.name];
    const from = this.at(target.owner, target.name);
    moves?.push({ to: target.to, from, validFromMs: target.validFromMs ?? this.nowMs, recordedAtMs: this.nowMs, request });
    this.settle();
  }

  private setState(owner: string, number: number, to: State): void {
    const version = this.owners.get(owner)?.versions[number - 1];
    if (version === undefined) return;
    version.state = to;
    version.moves += 1;
    this.settle();
  }

  /** The request that an ordinary call uses up: exactly that target, approved, still as it was shown. */
  private cover(target: Target): number {
    return this.requests.findIndex((r) => r.outcome === "approved" && this.sameTarget(r.target, target));
  }

  /** Pointing, taking away and restoring: an ordinary call. */
  point(who: Caller, target: Extract<Target, { do: "point" }>): boolean {
    const owner = this.ownerOf(target);
    if (RANK[who.role] < RANK.engineer || owner === undefined) return false;
    const from = this.at(target.owner, target.name);
    if (target.to === null ? from === null : owner.versions[target.to - 1] === undefined) return false;
    if (from === target.to && target.validFromMs === null) return true;
    if (!this.guarded.has(target.name)) {
      this.write(target, null);
      return true;
    }
    const index = this.cover(target);
    const r = this.requests[index];
    // What is told afterwards is part of what was approved, never of the call.
    if (r === undefined || target.validFromMs !== null) return false;
    r.outcome = "executed";
    this.write(r.target.do === "point" ? r.target : target, index);
    return true;
  }

  /** Where it stood after that move, or before the last one. */
  restore(who: Caller, at: { owner: string; name: PointerName; revision: number | null }): boolean {
    const moves = this.owners.get(at.owner)?.pointers[at.name] ?? [];
    const last = moves.at(-1);
    if (last === undefined) return false;
    const to = at.revision === null ? last.from : (moves[at.revision - 1]?.to ?? null);
    if (to === null || to === last.to) return false;
    return this.point(who, { do: "point", owner: at.owner, name: at.name, to, validFromMs: null });
  }

  move(who: Caller, owner: string, number: number, to: State): boolean {
    const version = this.owners.get(owner)?.versions[number - 1];
    if (RANK[who.role] < RANK.engineer || version === undefined || this.owners.get(owner)?.kind !== "model") return false;
    const next = to === "retired" ? version.state !== "retired" : STATES.indexOf(to) === STATES.indexOf(version.state) + 1;
    if (!next) return false;
    if (to === "approved") {
      const r = this.requests[this.cover({ do: "approve", owner, version: number })];
      if (r === undefined) return false;
      r.outcome = "executed";
    }
    this.setState(owner, number, to);
    return true;
  }

  setPolicy(who: Caller, environment: string, policy: Policy): boolean {
    if (who.isToken || who.role !== "admin") return false;
    this.policies.set(environment, { ...policy, revision: (this.policies.get(environment)?.revision ?? 0) + 1 });
    this.settle();
    return true;
  }

  protect(who: Caller, names: readonly PointerName[]): boolean {
    if (who.isToken || who.role !== "admin") return false;
    this.guarded = new Set(names);
    this.settle();
    return true;
  }

  /** "The last move written of those that were true by then", by what was written by `knownAtMs`. */
  whereAt(owner: string, name: PointerName, { atMs, knownAtMs }: { atMs: number; knownAtMs: number }): number | null {
    const written = (this.owners.get(owner)?.pointers[name] ?? []).filter((m) => m.recordedAtMs <= knownAtMs);
    return written.findLast((m) => m.validFromMs <= atMs)?.to ?? null;
  }
}
