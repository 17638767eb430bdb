import { Counter, Histogram } from "prom-client";

interface Config<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly registers: ConstructorParameters<typeof Counter>[0]["registers"];
}
type Labels<L extends string> = Readonly<Record<L, string>>;

/*
 * prom-client finds a series by sorting and joining its labels at every increment. A request makes ten of them, with labels that hundreds of
 * requests before it had: here a series is found once and kept by whoever adds to it, and prom-client is told when it is scraped.
 */

const toKey = <L extends string>(names: readonly L[], labels: Labels<L>): string => JSON.stringify(names.map((name) => labels[name]));

/** One series of a counter. */
export class Tally {
  #total = 0;
  #taken = 0;

  add(amount = 1): void {
    this.#total += amount;
  }

  /** What was added since the last call. */
  take(): number {
    const fresh = this.#total - this.#taken;
    this.#taken = this.#total;
    return fresh;
  }
}

export class TalliedCounter<L extends string> extends Counter<L> {
  readonly #names: readonly L[];
  readonly #series = new Map<string, { readonly labels: Labels<L>; readonly tally: Tally }>();

  constructor(config: Config<L>) {
    super(config);
    this.#names = config.labelNames;
  }

  /** The series with these labels: the same one for the same labels. */
  of(labels: Labels<L>): Tally {
    const key = toKey(this.#names, labels);
    const series = this.#series.get(key) ?? { labels, tally: new Tally() };
    this.#series.set(key, series);
    return series.tally;
  }

  override get() {
    for (const { labels, tally } of this.#series.values()) {
      const fresh = tally.take();
      if (fresh > 0) this.inc({ ...labels }, fresh);
    }
    return super.get();
  }
}

/** One series of a histogram. */
export class BucketTally {
  /** Values at or under each bound and above the one before it; the last place is for those above all. */
  readonly counts: number[];
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get isEmpty(): boolean {
    return this.counts.every((count) => count === 0);
  }

  observe(value: number): void {
    let place = 0;
    for (const bound of this.#bounds) {
      if (value <= bound) break;
      place++;
    }
    this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.sum += value;
  }
}

export class TalliedHistogram<L extends string> extends Histogram<L> {
  readonly #config: Config<L> & { readonly buckets: readonly number[] };
  readonly #series = new Map<string, { readonly labels: Labels<L>; readonly tally: BucketTally }>();

  constructor(config: Config<L> & { readonly buckets: readonly number[] }) {
    super({ ...config, buckets: [...config.buckets] });
    this.#config = config;
  }

  /** The series with these labels: the same one for the same labels. */
  of(labels: Labels<L>): BucketTally {
    const key = toKey(this.#config.labelNames, labels);
    const series = this.#series.get(key) ?? { labels, tally: new BucketTally(this.#config.buckets) };
    this.#series.set(key, series);
    return series.tally;
  }

  /** What prom-client makes the exposition and `get` of. */
  async getForPromString() {
    const { name, help, buckets } = this.#config;
    const values = [...this.#series.values()].flatMap(({ labels: sharedLabels, tally }) => {
      if (tally.isEmpty) return [];
      let count = 0;
      const below = [...buckets, "+Inf"].map((le, place) => {
        count += tally.counts[place] ?? 0;
        return { labels: { le }, sharedLabels, value: count, metricName: `${name}_bucket` };
      });
      const whole = { labels: {}, sharedLabels };
      return [...below, { ...whole, value: tally.sum, metricName: `${name}_sum` }, { ...whole, value: count, metricName: `${name}_count` }];
    });
    return { name, help, type: "histogram", values, aggregator: "sum" };
  }
}
