import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import type { RuntimeBackend } from "../config/runtime-config";
import { DeadlineWatch } from "../deadline-watch";
import { BackendStates } from "../providers/backend-states";
import { CallAbortedError } from "../providers/upstream-call";
import { NO_PERMIT } from "../routing/circuit-breaker";
import { type Place, PlaceQueue, type PlaceWanted } from "./place-queue";

const TIMEOUT_MS = 1_000;

/** Servers with capacities, a clock that only the test moves, and requests that come, end and leave. */
class Stage {
  nowMs = 0;
  gateways = 1;
  readonly states: BackendStates;
  readonly queue: PlaceQueue;
  readonly servers: readonly RuntimeBackend[];
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
      onFreed: (id) => this.queue.freed(id),
    });
    this.queue = new PlaceQueue({ states: this.states, watch: new DeadlineWatch(monotonicMs), monotonicMs });
    this.servers = capacities.map((capacity, i) => ({ id: `s${i}`, capacity }) as RuntimeBackend);
    this.states.follow(this.servers);
  }

  /** As a request does: at once where there is room, else in the queue. */
  come(parts: Partial<PlaceWanted> = {}): Promise<Place> {
    const backends = parts.backends ?? this.servers;
    const begin = ({ id }: RuntimeBackend) => this.states.of(id).begin(false);
    const free = backends.find((b) => !this.states.of(b.id).isFull);
    const place =
      free !== undefined
        ? Promise.resolve({ backend: free, permit: begin(free) })
        : this.queue.enter({
            variantId: "v",
            backends,
            maxLength: 100,
            timeoutMs: TIMEOUT_MS,
            deadlineMs: Number.POSITIVE_INFINITY,
            choose: () => backends.find((b) => this.states.of(b.id).hasRoom) ?? null,
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
    this.states.of(place.backend.id).end(place.permit, "good");
  }

  inFlight(): number[] {
    return this.servers.map((s) => this.states.of(s.id).inFlight);
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

  it("ends a wait for a backend whose breaker refuses without counting a call there", async () => {
    const stage = new Stage([1]);
    const running = await stage.come();
    const waiting = stage.come({ begin: () => NO_PERMIT });
    stage.end(running);
    expect((await waiting).permit).toBe(NO_PERMIT);
    expect(stage.inFlight()).toEqual([0]);
  });

  type Step = "come" | "comeFor0" | "end" | "leave" | "late";
  const steps = fc.array(fc.constantFrom<Step>("come", "comeFor0", "end", "leave", "late"), { minLength: 1, maxLength: 60 });
  it("never passes a capacity, ends each wait once, and frees every place exactly once, however requests end", async () => {
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
          } else stage.nowMs += TIMEOUT_MS / 3;
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
