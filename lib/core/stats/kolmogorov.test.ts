import { expect, test } from "vitest";
import { isClose } from "@/test/oracles/oracle";
import { fc } from "@/test/property";
import { kolmogorovUpperTail, smirnovUpperTail } from "./kolmogorov";

/** kstwo.sf(x, n) of scipy 1.17.1, one value or more for every branch of the algorithm. */
const KSTWO: [n: number, x: number, expected: number][] = [
  [2, 0.3, 0.98],
  [2, 0.45, 0.6799999999999999],
  [5, 0.18, 0.987417088],
  [5, 0.25, 0.8446],
  [5, 0.6, 0.03008000000000001],
  [5, 0.85, 0.0001518750000000001],
  [37, 0.08, 0.9567041893768937],
  [37, 0.14, 0.4241784822163661],
  [37, 0.2, 0.08979521784208933],
  [37, 0.3, 0.0018926051289456236],
  [37, 0.35, 0.00014783518405888906],
  [37, 0.7, 1.0689653818355054e-18],
  [140, 0.05, 0.8576480297656114],
  [140, 0.09, 0.1946946629845738],
  [140, 0.15, 0.0032495604415101703],
  [140, 0.18, 0.0001932001834783552],
  [140, 0.5, 6.869300438276986e-33],
  [141, 0.02, 0.9999999744561288],
  [141, 0.035, 0.9929240130356848],
  [141, 0.06, 0.6677160791348915],
  [141, 0.1, 0.11128445516467944],
  [141, 0.13, 0.015449346308454497],
  [141, 0.2, 2.0276784223976912e-5],
  [141, 0.5, 4.034017661079683e-33],
  [500, 0.02, 0.9859871786857471],
  [500, 0.03, 0.7473166700457021],
  [500, 0.05, 0.15866260223815387],
  [500, 0.07, 0.01416832020019071],
  [500, 0.2, 5.256835361945869e-18],
  [2222, 0.00637, 0.9999871825330848],
  [2222, 0.012, 0.9023203668565696],
  [2222, 0.02, 0.33206943282253654],
  [2222, 0.032, 0.020662626629903487],
  [2222, 0.05, 2.8795862919540437e-5],
  [2222, 0.2, 2.2326687390250525e-78],
  [30000, 0.0025, 0.9917457488768993],
  [30000, 0.005, 0.4398876725102874],
  [30000, 0.009, 0.01540744518025023],
  [30000, 0.03, 6.85363177157104e-24],
  [30000, 0.1, 1.3033695551041912e-261],
  [500000, 0.0007, 0.9669262066821409],
  [500000, 0.0012, 0.4671992770600679],
  [500000, 0.002, 0.036582179671620585],
  [500000, 0.003, 0.00024632301239186754],
  [500000, 0.01, 7.374635645083527e-44],
  [500000, 0.02, 3.6481966551764204e-174],
  [3000000, 0.0004, 0.7229927521576703],
  [3000000, 0.0009, 0.015491669704337492],
  [3000000, 0.002, 7.540208631841765e-11],
];

test.each(KSTWO)("P(D ≥ x) for n = %i, x = %f agrees with scipy's kstwo.sf", (n, x, expected) => {
  const tail = kolmogorovUpperTail(n, x);
  expect(isClose(tail, expected, { rel: 1e-9 }), `got ${tail}, expected ${expected}`).toBe(true);
});

test("the tail falls from 1 to 0 and never leaves that range", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, a, b) => {
        const nearer = kolmogorovUpperTail(n, Math.min(a, b));
        const further = kolmogorovUpperTail(n, Math.max(a, b));
        expect(nearer <= 1 && further >= 0).toBe(true);
        // Pelz and Good's formula ends and Smirnov's begins at nx² = 2.2, a millionth apart.
        expect(further <= nearer * (1 + 1e-5) + 1e-12).toBe(true);
      },
    ),
  );
});

test("one value: P(D ≥ x) is 1 up to ½, then 2(1 − x)", () => {
  expect([0.2, 0.5, 0.75, 1].map((x) => kolmogorovUpperTail(1, x))).toEqual([1, 1, 0.5, 0]);
});

test("the one-sided tail for two values is known in closed form: (1 − x)² + 2x(½ − x) for x ≤ ½", () => {
  for (const x of [0.1, 0.25, 0.4]) expect(smirnovUpperTail(2, x)).toBeCloseTo((1 - x) ** 2 + 2 * x * (0.5 - x), 14);
});
