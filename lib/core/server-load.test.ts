import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { readServerLoad } from "./server-load";

const text = (...lines: string[]) => `${lines.join("\n")}\n`;
const NOTHING = { waiting: null, running: null, kvUseRatio: null };

describe("a server's load by its metrics", () => {
  it("is read under vLLM's names, old ones where the new are not there", () => {
    const vllm = text(
      "# HELP vllm:num_requests_running Number of requests in model execution batches.",
      "# TYPE vllm:num_requests_running gauge",
      'vllm:num_requests_running{engine="0",model_name="m"} 7.0',
      'vllm:num_requests_waiting{engine="0",model_name="m"} 3.0',
      'vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.42',
      'vllm:gpu_cache_usage_perc{engine="0",model_name="m"} 0.41',
      'vllm:e2e_request_latency_seconds_bucket{engine="0",le="0.3",model_name="m"} 0.0',
    );
    expect(readServerLoad(vllm, "m")).toEqual({ waiting: 3, running: 7, kvUseRatio: 0.42 });
    expect(readServerLoad('vllm:gpu_cache_usage_perc{model_name="m"} 0.41', "m").kvUseRatio).toBe(0.41);
    expect(readServerLoad('kserve_vllm:num_requests_waiting{model_name="m"} 2', "m").waiting).toBe(2);
  });

  it("is read of labels in a row; what is no label ends them, and lines longer than any sample are passed over", () => {
    const two = 'vllm:num_requests_waiting{engine="0",model_name="a"} 1\nvllm:num_requests_waiting{engine="0", model_name="b" ,} 2';
    expect([readServerLoad(two, "a").waiting, readServerLoad(two, "b").waiting, readServerLoad(two, "c").waiting]).toEqual([1, 2, 3]);
    expect(readServerLoad(`vllm:num_requests_waiting{${"a".repeat(10_000)},model_name="a"} 1`, "a").waiting).toBe(1);
    expect(readServerLoad(`vllm:num_requests_waiting{x="${"a".repeat(20_000)}"} 1`, "a").waiting).toBeNull();
  });

  it("is read under TGI's, Triton's, TensorRT-LLM's and llama.cpp's names", () => {
    expect(readServerLoad(text("tgi_queue_size 5", "tgi_batch_current_size 16"), null)).toEqual({
      waiting: 5,
      running: 16,
      kvUseRatio: null,
    });
    const triton = text(
      'nv_inference_pending_request_count{model="iris",version="1"} 4',
      'nv_inference_pending_request_count{model="other",version="1"} 90',
    );
    expect(readServerLoad(triton, "iris")).toEqual({ waiting: 4, running: null, kvUseRatio: null });
    const trtLlm = text(
      'nv_inference_pending_request_count{model="tensorrt_llm",version="1"} 40',
      'nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="waiting",version="1"} 6',
      'nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="active",version="1"} 12',
      'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="fraction",model="tensorrt_llm",version="1"} 0.25',
      'nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max",model="tensorrt_llm",version="1"} 1000',
    );
    expect(readServerLoad(trtLlm, "tensorrt_llm")).toEqual({ waiting: 6, running: 12, kvUseRatio: 0.25 });
    expect(readServerLoad("trtllm_kv_cache_utilization 0.5", null)).toEqual({ ...NOTHING, kvUseRatio: 0.5 });
    const llama = text("llamacpp:requests_processing 1", "llamacpp:requests_deferred 3", "llamacpp:kv_cache_usage_ratio 0.1");
    expect(readServerLoad(llama, null)).toEqual({ waiting: 3, running: 1, kvUseRatio: 0.1 });
  });

  it("of several engines in one server is the sum of their requests and the fullest cache", () => {
    const engines = [0, 1].map((n) =>
      text(
        `vllm:num_requests_waiting{engine="${n}",model_name="m"} ${n + 1}`,
        `vllm:kv_cache_usage_perc{engine="${n}",model_name="m"} 0.${n + 1}`,
      ),
    );
    expect(readServerLoad(engines.join(""), "m")).toEqual({ waiting: 3, running: null, kvUseRatio: 0.2 });
  });

  it("counts all models of a server where none has the served name", () => {
    expect(readServerLoad('vllm:num_requests_waiting{model_name="path/to/m"} 2', "m").waiting).toBe(2);
  });

  it.each(["NaN", "+Inf", "-1", "", "many"])("is not known where it says %j: never 0", (value) => {
    expect(readServerLoad(`vllm:num_requests_waiting{model_name="m"} ${value}`, "m").waiting).toBeNull();
  });

  it("is not known where a cache is said to be more than full, as where one counts in percent", () => {
    expect(readServerLoad("vllm:kv_cache_usage_perc 42", null).kvUseRatio).toBeNull();
  });

  it("reads labels with any characters, and timestamps", () => {
    expect(
      readServerLoad('vllm:num_requests_waiting{model_name="a \\"b\\" {c}, d=e\\\\"} 2 1763600000000', 'a "b" {c}, d=e\\').waiting,
    ).toBe(2);
  });

  it("takes nothing from other names, comments and pages that are no metrics", () => {
    expect(
      readServerLoad(text("# vllm:num_requests_waiting 3", "vllm:num_requests_waiting_total 3", "<html>tgi_queue_size</html>"), null),
    ).toEqual(NOTHING);
    fc.assert(
      fc.property(fc.string(), (page) => {
        expect(readServerLoad(page, "m")).toEqual(NOTHING);
      }),
    );
  });
});
