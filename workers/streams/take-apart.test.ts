import { expect, it } from "vitest";
import { fc } from "@/test/property";
import { takeApart } from "./take-apart";

const refusal = (code: string) => Object.assign(new Error(`refused ${code}`), { code });

it("whatever is refused among them, the others are taken in their order, and each refused one is told once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ isBad: fc.boolean() }), { maxLength: 40 }), async (items) => {
      const taken: unknown[] = [];
      const refused: unknown[] = [];
      await takeApart(items, {
        async take(some) {
          if (some.some(({ isBad }) => isBad)) throw refusal("22009");
          taken.push(...some);
        },
        async refuse(item, fault) {
          expect(fault).toBe("22009: refused 22009");
          refused.push(item);
        },
      });
      expect(taken).toEqual(items.filter(({ isBad }) => !isBad));
      expect(refused).toEqual(items.filter(({ isBad }) => isBad));
    }),
  );
});

it.each(["57P01", "40001", "ECONNREFUSED"])(
  "a failure that is no value's fault, %s, refuses nothing: all are still to be taken",
  async (code) => {
    const refused: unknown[] = [];
    const taking = takeApart([1, 2, 3], {
      take: () => Promise.reject(refusal(code)),
      refuse: async (item) => {
        refused.push(item);
      },
    });
    await expect(taking).rejects.toThrow(`refused ${code}`);
    expect(refused).toEqual([]);
  },
);
