import { afterEach, describe, expect, it } from "vitest";
import { type SimBackend, startSimBackend } from "./backend";
import { classify } from "./classifier";
import type { ProfileFileInput } from "./profiles";

const open: SimBackend[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((backend) => backend.close()));
});

const QUICK = { median: 0, p95: 0 };

async function start(classifiers: ProfileFileInput["classifiers"]) {
  const backend = await startSimBackend({ profiles: { models: { small: {} }, classifiers } });
  open.push(backend);
  const infer = async (body: unknown, name = "risk") => {
    const response = await fetch(`${backend.url}/v2/models/${name}/infer`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, simulated: response.headers.get("x-simulated"), body: (await response.json()) as unknown };
  };
  return { backend, infer };
}

const inputs = (data: unknown[], shape: number[], name = "features") => ({ id: "7", inputs: [{ name, shape, datatype: "FP64", data }] });

describe("the simulated classifier", () => {
  it("is a logistic regression of the caller's numbers", () => {
    expect(classify({ weights: [0, 0], bias: 0 }, [[5, 9]])).toEqual([0.5]);
    const [low = 0, high = 0] = classify({ weights: [1, -2], bias: 0.5 }, [
      [-3, 1],
      [3, -1],
    ]);
    expect(low).toBeCloseTo(1 / (1 + Math.exp(4.5)), 12);
    expect(high).toBeCloseTo(1 / (1 + Math.exp(-5.5)), 12);
  });

  it("answers rows in either form, says that it is simulated, and what it served", async () => {
    const { backend, infer } = await start({ risk: { weights: [1, 1], latencyMs: QUICK } });
    const expected = { status: 200, simulated: "true", body: { id: "7", model_name: "risk", parameters: { simulated: true } } };
    for (const body of [
      inputs([1, -1, 4, 0], [2, 2]),
      inputs(
        [
          [1, -1],
          [4, 0],
        ],
        [2, 2],
      ),
    ]) {
      const answer = await infer(body);
      expect(answer).toMatchObject(expected);
      expect(answer.body).toMatchObject({
        outputs: [
          { name: "probability", shape: [2], data: [0.5, 1 / (1 + Math.exp(-4))] },
          { name: "label", shape: [2], data: [1, 1] },
        ],
      });
    }
    expect(backend.ledger()).toMatchObject([{ model: "risk", outcome: "complete", status: 200 }, { outcome: "complete" }]);
  });

  it("describes itself, and refuses what does not fit in the protocol's shape", async () => {
    const { backend, infer } = await start({
      risk: { weights: [1, 1], latencyMs: QUICK },
      broken: { weights: [1, 1], latencyMs: QUICK, errorRatio: 1 },
    });
    const get = async (path: string) => {
      const response = await fetch(backend.url + path);
      return [response.status, (await response.json()) as unknown];
    };
    expect(await get("/v2/models/risk")).toMatchObject([200, { inputs: [{ name: "features", shape: [-1, 2] }] }]);
    expect(await get("/v2/models/risk/ready")).toEqual([200, { name: "risk", ready: true }]);
    expect(await get("/v2/models/nowhere")).toEqual([404, { error: expect.stringContaining("nowhere") }]);
    for (const [body, words] of [
      [inputs([1], [1, 1]), /shape/],
      [inputs([1, 2, 3], [2, 2]), /shape/],
      [inputs([1, 2], [1, 2], "other"), /expecting features/],
      [{ inputs: [] }, /inputs/],
    ] as const)
      expect(await infer(body)).toMatchObject({ status: 400, body: { error: expect.stringMatching(words) } });
    expect(await infer(inputs([1, 2], [1, 2]), "broken")).toMatchObject({ status: 500, body: { error: "simulated failure" } });
  });
});
