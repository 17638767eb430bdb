import { Counter, Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { fc } from "@/test/property";
import { TalliedCounter, TalliedHistogram } from "./tallied-metrics";

const labelNames = ["model", "direction"] as const;
const labels = fc.record({ model: fc.constantFrom("a", 'b"\n', "ü"), direction: fc.constantFrom("input", "output") });
const config = (name: string, registry: Registry) => ({ name, help: "Some help", labelNames, registers: [registry] });

/** The lines in an order of their own: of the series nobody promises one. */
const sorted = (text: string): string[] => text.split("\n").sort();

it("exposes what prom-client's own counters and histograms would, whenever it is scraped", async () => {
  const step = fc.record({ labels, value: fc.double({ min: 0.001, max: 5, noNaN: true }), scrape: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const ours = new Registry();
      const theirs = new Registry();
      const counter = new TalliedCounter(config("some_total", ours));
      const histogram = new TalliedHistogram({ ...config("some_seconds", ours), buckets: [0.1, 1, 3] });
      const plainCounter = new Counter(config("some_total", theirs));
      const plainHistogram = new Histogram({ ...config("some_seconds", theirs), buckets: [0.1, 1, 3] });
      for (const { labels: at, value, scrape } of steps) {
        // Quarters sum without rounding, in whatever portions they are added.
        const quarters = Math.ceil(value * 4) / 4;
        counter.of(at).add(quarters);
        histogram.of(at).observe(quarters);
        plainCounter.inc(at, quarters);
        plainHistogram.observe(at, quarters);
        if (scrape) await ours.metrics();
      }
      expect(sorted(await ours.metrics())).toEqual(sorted(await theirs.metrics()));
      expect(await ours.getSingleMetric("some_seconds")?.get()).toMatchObject({ name: "some_seconds", type: "histogram" });
    }),
  );
});

it("puts a value at a bound into that bound's bucket", async () => {
  const registry = new Registry();
  const histogram = new TalliedHistogram({ ...config("some_seconds", registry), buckets: [1, 2] });
  for (const value of [1, 1.5, 2, 3]) histogram.of({ model: "a", direction: "input" }).observe(value);
  const text = await registry.metrics();
  expect(text).toContain('some_seconds_bucket{le="1",model="a",direction="input"} 1');
  expect(text).toContain('some_seconds_bucket{le="2",model="a",direction="input"} 3');
  expect(text).toContain('some_seconds_bucket{le="+Inf",model="a",direction="input"} 4');
  expect(text).toContain('some_seconds_sum{model="a",direction="input"} 7.5');
});
