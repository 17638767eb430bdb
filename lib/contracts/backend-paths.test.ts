import { describe, expect, it } from "vitest";
import { toBackendPaths } from "./backend-paths";

describe("where a backend is called", () => {
  it.each([
    ["http://h:1", "/v1/chat/completions"],
    ["http://h:1/", "/v1/chat/completions"],
    ["http://h:1/v1", "/v1/chat/completions"],
    ["http://h:1/v1/", "/v1/chat/completions"],
    ["https://h/openai/deployments/x", "/openai/deployments/x/chat/completions"],
  ])("chat completions of %s are at %s", (base, path) => {
    expect(toBackendPaths({ kind: "vllm", servedModel: "m" }, new URL(base)).chat).toBe(path);
  });

  it.each([
    ["triton", "http://h", "iris 2", "/v2/models/iris%202/infer", "/v2/models/iris%202/ready"],
    ["kserve", "http://h/v2/", "iris", "/v2/models/iris/infer", "/v2/models/iris/ready"],
    ["kserve", "http://h/openai/v1", "iris", "/v2/models/iris/infer", "/v2/models/iris/ready"],
    ["kserve", "http://h/serving/a", "iris", "/serving/a/v2/models/iris/infer", "/serving/a/v2/models/iris/ready"],
    ["simulated", "http://h/v1", "iris", "/v2/models/iris/infer", "/v2/models/iris/ready"],
    ["triton", "http://h", null, null, "/v2/health/ready"],
    ["vllm", "http://h", "iris", null, null],
  ] as const)("inference of %s at %s with the model %s is at %s", (...[kind, base, servedModel, inference, inferenceReady]) => {
    expect(toBackendPaths({ kind, servedModel }, new URL(base))).toMatchObject({ inference, inferenceReady });
  });
});
