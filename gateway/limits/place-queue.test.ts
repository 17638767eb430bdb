import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import type { RuntimeBackend } from "../config/runtime-config";
import { DeadlineWatch } from "../deadline-watch";
import { type BackendState, BackendStates } from "../providers/backend-states";
import { CallAbortedError } from "../providers/upstream-call";
import { NO_PERMIT } from "../routing/circuit-breaker";
import { type Place, PlaceQueue, type PlaceWanted } from "./place-queue";

const TIMEOUT_MS = 1_000;

const revision = (parts: { id: string; backendId: string; capacity: number }): RuntimeBackend =>
  ({ origin: "http://server", ...parts }) as RuntimeBackend;

/** Servers with capacities, a clock that only the test moves, and requests that come, end and leave. */
class Stage {
  nowMs = 0;
  gateways = 1;
  readonly states: BackendStates;
  readonly queue: PlaceQueue;
  servers: readonly RuntimeBackend[];
  readonly running: Place[] = [];

  constructor(capacities: readonly number[]) {
    const monotonicMs = () => this.nowMs;
    this.states = new BackendStates({
      monotonicMs,
      nowMs: monotonicMs,
      random: () => 0.5,
      loadMaxAgeMs: 0,
      gateways: () => this.gateways,
      waitingAt: (id) => this.queue.waitingAt(id),
      isAwaited: (serverId) => this.queue.isAwaited(serverId),
      onFreed: (serverId) => this.queue.freed(serverId),
    });
    this.queue = new PlaceQueue({ states: this.states, watch: new DeadlineWatch(monotonicMs), monotonicMs });
    this.servers = capacities.map((capacity, i) => revision({ id: `s${i}`, backendId: `b${i}`, capacity }));
    this.states.follow(this.servers);
  }

  /** A snapshot names other revisions of the same servers in place of the present ones. */
  renew(): void {
    this.servers = this.servers.map((s) => ({ ...s, id: `${s.id}'` }));
    this.states.follow(this.servers);
  }

  /** As a request does: at once where there is room, else in the queue. */
  come(parts: Partial<PlaceWanted> = {}): Promise<Place> {
    const backends = parts.backends ?? this.servers;
    const begin = (state: BackendState) => state.begin(false);
    const free = backends.find((b) => !this.states.of(b).isFull);
    const state = free && this.states.of(free);
    const place =
      free !== undefined && state !== undefined
        ? Promise.resolve({ backend: free, state, permit: begin(state) })
        : this.queue.enter({
            variantId: "v",
            backends,
            maxLength: 100,
            timeoutMs: TIMEOUT_MS,
            deadlineMs: Number.POSITIVE_INFINITY,
            choose: () => backends.find((b) => this.states.of(b).room.hasRoom) ?? null,
            begin,
            isGone: () => false,
            ...parts,
          });
    return place.then((taken) => {
      this.running.push(taken);
      return taken;
    });
  }

  end(place: Place): void {
    this.running.splice(this.running.indexOf(place), 1);
    place.state.end(place.permit, "good");
  }

  inFlight(): number[] {
    return this.servers.map((s) => this.states.of(s).inFlight);
  }
}
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error ? error.code : error instanceof CallAbortedError ? "gone" : error;

describe("waiting for a place", () => {
  it("is in the order of arrival, and whoever comes meanwhile waits behind", async () => {
    const stage = new Stage([1]);
    const first = await stage.come();
    const order: string[] = [];
    const waiting = ["a", "b", "c"].map((name) => stage.come().then((place) => order.push(name) && place));
    expect(stage.queue.size).toBe(3);
    for (const [i, expected] of ["a", "b", "c"].entries()) {
      stage.end(i === 0 ? first : ((await waiting[i - 1]) as Place));
      await settle();
      expect(order.at(-1)).toBe(expected);
      expect(stage.inFlight()).toEqual([1]);
    }
  });

  it("ends with 429 at once where as many wait as may, and with 503 when the time is over; both say when to come again", async () => {
    const stage = new Stage([1]);
    const running = await stage.come();
    const late = stage.come({ maxLength: 1 }).catch((error: unknown) => error);
    const full = await stage.come({ maxLength: 1 }).catch((error: unknown) => error);
    expect(full).toMatchObject({ code: "queue_full", status: 429, retryAfterSeconds: 1 });
    stage.nowMs = TIMEOUT_MS;
    await expect(late).resolves.toMatchObject({ code: "queue_timeout", status: 503, retryAfterSeconds: 1 });
    stage.end(running);
    expect([stage.queue.size, stage.queue.waitingAt("s0")]).toEqual([0, 0]);
  });

  it("names the time that those ahead need at the rate at which calls ended of late", async () => {
    const stage = new Stage([1]);
    let running = await stage.come();
    for (let i = 0; i < 20; i++) {
      stage.nowMs += 500;
      stage.end(running);
      running = await stage.come();
    }
    const waiting = [1, 2, 3].map(() => stage.come({ maxLength: 3 }).catch(() => {}));
    expect(await stage.come({ maxLength: 3 }).catch((error: unknown) => error)).toMatchObject({ code: "queue_full", retryAfterSeconds: 2 });
    stage.nowMs += TIMEOUT_MS;
    await Promise.all(waiting);
  });

  it("gives a place that nobody freed too: a raised capacity, a gateway that left", async () => {
    const stage = new Stage([2]);
    stage.gateways = 2;
    await stage.come();
    const [second, third] = [stage.come(), stage.come()];
    expect(stage.inFlight()).toEqual([1]);
    stage.gateways = 1;
    await second;
    expect(stage.inFlight()).toEqual([2]);
    stage.states.follow(stage.servers.map((s) => ({ ...s, capacity: 3 })));
    await third;
    expect(stage.inFlight()).toEqual([3]);
  });

  it("is still bounded once no snapshot names the revision, and counted with the one that replaced it", async () => {
    const stage = new Stage([2]);
    const old = stage.servers;
    await Promise.all([stage.come(), stage.come()]);
    const waiting = Array.from({ length: 5 }, () => stage.come({ backends: old }));
    stage.states.follow([]);
    stage.renew();
    expect([old, stage.servers].flat().map((s) => stage.states.of(s).room.hasRoom)).toEqual([false, false]);
    const come = stage.come();
    expect(stage.queue.size).toBe(6);
    for (const place of waiting) {
      stage.end(stage.running[0] as Place);
      await place;
      expect([stage.running.length, ...stage.inFlight()]).toEqual([2, 2]);
    }
    stage.end(stage.running[0] as Place);
    await come;
    for (const place of [...stage.running]) stage.end(place);
    expect(stage.inFlight()).toEqual([0]);
  });

  it("forgets a revision that no snapshot names when nobody uses it any more", async () => {
    const stage = new Stage([1]);
    const [old] = stage.servers as [RuntimeBackend];
    const running = await stage.come();
    stage.renew();
    expect(stage.states.of(old)).toBe(running.state);
    stage.end(running);
    stage.renew();
    expect(stage.states.of(old)).not.toBe(running.state);
  });

  it("is for a server, whichever of its revisions are called", async () => {
    const stage = new Stage([]);
    const [a, b] = [revision({ id: "a", backendId: "one", capacity: 2 }), revision({ id: "b", backendId: "one", capacity: 2 })];
    const elsewhere = { ...revision({ id: "c", backendId: "one", capacity: 2 }), origin: "http://other" };
    stage.states.follow([a, b, elsewhere]);
    const first = await stage.come({ backends: [a] });
    await stage.come({ backends: [b] });
    await stage.come({ backends: [elsewhere] });
    const waiting = stage.come({ backends: [b], variantId: "w" });
    expect([stage.queue.size, stage.queue.waitingAt("a"), stage.queue.waitingAt("b")]).toEqual([1, 0, 1]);
    expect([a, b, elsewhere].map((s) => stage.states.of(s).ownInFlight)).toEqual([1, 1, 1]);
    stage.end(first);
    expect((await waiting).backend).toBe(b);
    expect([a, b].map((s) => [stage.states.of(s).ownInFlight, stage.states.of(s).inFlight])).toEqual([
      [0, 2],
      [2, 2],
    ]);
  });

  it("does not keep others from a server that has room and that nobody in the queue would take", async () => {
    const stage = new Stage([1, 5]);
    const [full, idle] = stage.servers as [RuntimeBackend, RuntimeBackend];
    await stage.come({ backends: [full] });
    // As where the second says that it is not well.
    let takes: RuntimeBackend | null = null;
    const waiting = stage.queue.enter({
      variantId: "v",
      backends: [full, idle],
      maxLength: 1,
      timeoutMs: TIMEOUT_MS,
      deadlineMs: Number.POSITIVE_INFINITY,
      choose: () => takes,
      begin: (state) => state.begin(false),
      isGone: () => false,
    });
    expect([full, idle].map((s) => stage.states.of(s).isFull)).toEqual([true, false]);
    takes = idle;
    expect([full, idle].map((s) => stage.states.of(s).isFull)).toEqual([true, true]);
    expect((await waiting).backend).toBe(idle);
  });

  it("ends a wait for a backend whose breaker refuses without counting a call there", async () => {
    const stage = new Stage([1]);
    const running = await stage.come();
    const waiting = stage.come({ begin: () => NO_PERMIT });
    stage.end(running);
    expect((await waiting).permit).toBe(NO_PERMIT);
    expect(stage.inFlight()).toEqual([0]);
  });

  type Step = "come" | "comeFor0" | "end" | "leave" | "late" | "renew";
  const steps = fc.array(fc.constantFrom<Step>("come", "comeFor0", "end", "leave", "late", "renew"), { minLength: 1, maxLength: 60 });
  it("never passes a capacity, ends each wait once, and frees every place exactly once, however requests end and revisions change", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }), steps, async (capacities, given) => {
        const stage = new Stage(capacities);
        const outcomes: unknown[] = [];
        const gone: boolean[] = [];
        for (const [n, step] of given.entries()) {
          if (step === "come" || step === "comeFor0") {
            gone[n] = false;
            const some = step === "comeFor0" ? stage.servers.slice(0, 1) : stage.servers;
            stage.come({ backends: some, maxLength: 4, variantId: step, isGone: () => gone[n] === true }).then(
              () => outcomes.push("place"),
              (error: unknown) => outcomes.push(codeOf(error)),
            );
          } else if (step === "end") {
            const [first] = stage.running;
            if (first !== undefined) stage.end(first);
          } else if (step === "leave") {
            const staying = gone.lastIndexOf(false);
            if (staying !== -1) gone[staying] = true;
          } else if (step === "renew") stage.renew();
          else stage.nowMs += TIMEOUT_MS / 3;
          await settle();
          stage.inFlight().forEach((count, i) => {
            expect(count).toBeLessThanOrEqual(capacities[i] ?? 0);
          });
          expect(stage.inFlight().reduce((a, b) => a + b, 0)).toBe(stage.running.length);
        }
        while (stage.running[0] !== undefined) {
          stage.end(stage.running[0]);
          await settle();
        }
        expect([stage.queue.size, ...stage.servers.map((s) => stage.queue.waitingAt(s.id))]).toEqual([0, ...stage.servers.map(() => 0)]);
        expect(stage.inFlight()).toEqual(capacities.map(() => 0));
        expect(outcomes).toHaveLength(gone.filter((g) => g !== undefined).length);
        expect(outcomes.filter((o) => !["place", "gone", "queue_full", "queue_timeout"].includes(String(o)))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
