import { describe, expect, test } from "vitest";
import { readOracle } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import {
  computeTokenCost,
  formatUsd,
  formatUsdFixed,
  fromNanoUsd,
  multiplyUsd,
  parseDecimal18,
  parseUsd,
  type Rounding,
  toNanoUsdUp,
} from "./money";
import { createPrng, drawInteger } from "./prng";

interface RequestCase {
  name: string;
  kind: "request";
  input: {
    price_input: string;
    price_output: string;
    price_cached_input: string | null;
    per_tokens: number;
    input_tokens: number | string;
    cached_input_tokens: number;
    output_tokens: number;
    discount: string | null;
  };
  expected: { cost_exact: string; rounded: Record<string, string> };
}

interface AggregateCase {
  name: string;
  kind: "aggregate";
  input: {
    n_requests: number;
    seed: number;
    price_input_per_million: string;
    price_output_per_million: string;
    input_range: [number, number];
    output_range: [number, number];
  };
  expected: {
    input_tokens: number;
    output_tokens: number;
    checksum_fnv1a_u32_of_input_output: number;
    total_exact: string;
    total_2dp_half_even: string;
    by_tenant: { requests: number; input_tokens: number; output_tokens: number; cost_exact: string }[];
  };
}

interface RepeatCase {
  name: string;
  kind: "repeat_sum";
  input: { amount: string; times: number };
  expected: { total_exact: string };
}

interface HostedCase {
  name: string;
  kind: "self_hosted";
  input: { gpu_hour_price: string; gpus: number; seconds: number; tokens: number };
  expected: { cost_6dp_half_even: string; cost_per_million_tokens_6dp_half_even: string };
}

const { cases } = readOracle<RequestCase | AggregateCase | RepeatCase | HostedCase>("cost");

const isKind =
  <Kind extends (typeof cases)[number]["kind"]>(kind: Kind) =>
  (oracle: (typeof cases)[number]): oracle is Extract<(typeof cases)[number], { kind: Kind }> =>
    oracle.kind === kind;

describe("costs equal the reference to the last digit", () => {
  test.each(cases.filter(isKind("request")))("one request: $name", ({ input, expected }) => {
    const cost = computeTokenCost(
      {
        inputTokens: BigInt(input.input_tokens),
        outputTokens: input.output_tokens,
        cachedInputTokens: input.cached_input_tokens,
      },
      {
        input: parseUsd(input.price_input),
        output: parseUsd(input.price_output),
        cachedInput: input.price_cached_input === null ? null : parseUsd(input.price_cached_input),
        perTokens: input.per_tokens,
        discountRatio: input.discount === null ? null : parseDecimal18(input.discount),
      },
    );
    expect(formatUsd(cost)).toBe(expected.cost_exact);
    for (const [name, rounded] of Object.entries(expected.rounded)) {
      const [, decimals, rounding] = /^(\d)dp_(half_even|half_up|up)$/.exec(name) ?? [];
      expect(formatUsdFixed(cost, Number(decimals), rounding as Rounding), name).toBe(rounded);
    }
  });

  test.each(cases.filter(isKind("aggregate")))("requests summed one by one: $name", ({ input, expected }) => {
    const prng = createPrng(input.seed);
    const prices = {
      input: parseUsd(input.price_input_per_million),
      output: parseUsd(input.price_output_per_million),
      cachedInput: null,
      perTokens: 1_000_000,
    };
    const tenants = expected.by_tenant.map(() => ({ requests: 0, input_tokens: 0, output_tokens: 0, cost: 0n }));
    let checksum = 0x811c9dc5;
    for (let i = 0; i < input.n_requests; i++) {
      const inputTokens = drawInteger(prng, ...input.input_range);
      const outputTokens = drawInteger(prng, ...input.output_range);
      const tenant = tenants[Math.floor(prng.next() * 3)];
      if (!tenant) throw new Error("three tenants");
      for (const word of [inputTokens, outputTokens]) checksum = Math.imul(checksum ^ word, 0x01000193) >>> 0;
      tenant.requests++;
      tenant.input_tokens += inputTokens;
      tenant.output_tokens += outputTokens;
      tenant.cost += computeTokenCost({ inputTokens, outputTokens }, prices);
    }
    expect(checksum).toBe(expected.checksum_fnv1a_u32_of_input_output);
    expect(tenants.map(({ cost, ...rest }) => ({ ...rest, cost_exact: formatUsd(cost) }))).toEqual(expected.by_tenant);
    const total = tenants.reduce((sum, tenant) => sum + tenant.cost, 0n);
    expect(formatUsd(total)).toBe(expected.total_exact);
    expect(formatUsdFixed(total, 2)).toBe(expected.total_2dp_half_even);
    expect(formatUsd(computeTokenCost({ inputTokens: expected.input_tokens, outputTokens: expected.output_tokens }, prices))).toBe(
      expected.total_exact,
    );
  });

  test.each(cases.filter(isKind("repeat_sum")))("a small amount many times: $name", ({ input, expected }) => {
    let total = 0n;
    const amount = parseUsd(input.amount);
    for (let i = 0; i < input.times; i++) total += amount;
    expect(formatUsd(total)).toBe(expected.total_exact);
  });

  test.each(cases.filter(isKind("self_hosted")))("GPUs by the second: $name", ({ input, expected }) => {
    const gpuSeconds = BigInt(input.gpus * input.seconds);
    const price = parseUsd(input.gpu_hour_price);
    expect(formatUsdFixed(multiplyUsd(price, { numerator: gpuSeconds, denominator: 3600n }), 6)).toBe(expected.cost_6dp_half_even);
    const perMillion = multiplyUsd(price, { numerator: gpuSeconds * 1_000_000n, denominator: 3600n * BigInt(input.tokens) });
    expect(formatUsdFixed(perMillion, 6)).toBe(expected.cost_per_million_tokens_6dp_half_even);
  });
});

const amounts = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

describe("money", () => {
  test("comes back from its text as it was", () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const text = formatUsd(amount);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(parseUsd(text)).toBe(amount);
        expect(parseUsd(formatUsdFixed(amount, 18))).toBe(amount);
      }),
    );
  });

  test("rounds to the nearest, halves as told, and up never to less", () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 17 }), (amount, decimals) => {
        const unit = 10n ** BigInt(18 - decimals);
        const off = (rounding: Rounding) => parseUsd(formatUsdFixed(amount, decimals, rounding)) - amount;
        const size = (value: bigint) => (value < 0n ? -value : value);
        for (const rounding of ["half_even", "half_up"] as const) expect(2n * size(off(rounding)) <= unit).toBe(true);
        expect(size(off("up")) < unit).toBe(true);
        expect(size(parseUsd(formatUsdFixed(amount, decimals, "up"))) >= size(amount)).toBe(true);
      }),
    );
  });

  test("a negative half rounds like a positive one, and what rounds to nothing has no sign", () => {
    const half = parseUsd("-0.005");
    expect([formatUsdFixed(half, 2, "half_even"), formatUsdFixed(half, 2, "half_up"), formatUsdFixed(half, 2, "up")]).toEqual([
      "0.00",
      "-0.01",
      "-0.01",
    ]);
    expect(formatUsdFixed(parseUsd("1.5"), 0)).toBe("2");
  });

  test("a cost in parts equals the cost of the whole wherever 18 decimals hold it", () => {
    const counts = fc.record({ inputTokens: fc.nat(200_000), outputTokens: fc.nat(8000) });
    const prices = { input: parseUsd("0.0375"), output: parseUsd("0.1375"), cachedInput: null, perTokens: 1_000_000 };
    fc.assert(
      fc.property(fc.array(counts), (requests) => {
        const inParts = requests.reduce((sum, request) => sum + computeTokenCost(request, prices), 0n);
        const inputTokens = requests.reduce((sum, request) => sum + request.inputTokens, 0);
        const outputTokens = requests.reduce((sum, request) => sum + request.outputTokens, 0);
        expect(inParts).toBe(computeTokenCost({ inputTokens, outputTokens }, prices));
      }),
    );
  });

  test("a cost that 18 decimals cannot hold is off by at most half of the last", () => {
    const prices = { input: 1n, output: 0n, cachedInput: null, perTokens: 3 };
    expect([1, 2, 3, 4].map((inputTokens) => computeTokenCost({ inputTokens, outputTokens: 0 }, prices))).toEqual([0n, 1n, 1n, 1n]);
  });

  test("a reserve in nano-USD holds at least the amount, and less than a nano-USD more", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (amount) => {
        const reserve = fromNanoUsd(toNanoUsdUp(amount));
        expect(reserve >= amount && reserve - amount < 10n ** 9n).toBe(true);
      }),
    );
    expect(toNanoUsdUp(1n)).toBe(1n);
    expect(toNanoUsdUp(0n)).toBe(0n);
  });

  test.each(["", " ", "1 ", "+1", "1e-3", ".5", "1.", "0x10", "1,5", "--1", "NaN", "Infinity", "１", "0.0000000000000000001"])(
    "refuses the text %j",
    (text) => {
      expect(() => parseUsd(text)).toThrow(expect.objectContaining({ name: "MoneyError", code: "invalid_decimal" }));
    },
  );

  test.each(["0.10", "000.1", "0.1000000000000000000000"])("reads %j as a tenth", (text) => {
    expect(formatUsd(parseUsd(text))).toBe("0.1");
  });

  const prices = { input: 1n, output: 1n, cachedInput: null, perTokens: 1000 };
  test.each([
    ["half a token", { inputTokens: 0.5, outputTokens: 0 }, prices],
    ["a count past 2^53 as a float", { inputTokens: 2 ** 53, outputTokens: 0 }, prices],
    ["fewer than no tokens", { inputTokens: 1, outputTokens: -1n }, prices],
    ["more cached tokens than input tokens", { inputTokens: 1, outputTokens: 0, cachedInputTokens: 2 }, prices],
    ["a price for no tokens", { inputTokens: 1, outputTokens: 0 }, { ...prices, perTokens: 0 }],
    ["a price below 0", { inputTokens: 1, outputTokens: 0 }, { ...prices, output: -1n }],
    ["a discount above 1", { inputTokens: 1, outputTokens: 0 }, { ...prices, discountRatio: parseDecimal18("1.01") }],
  ])("refuses %s", (_, tokens, refused) => {
    expect(() => computeTokenCost(tokens, refused)).toThrow(expect.objectContaining({ name: "MoneyError", code: "invalid_amount" }));
  });
});
