import { describe, expect, it } from "vitest";
import { costPerThousand } from "@/components/overview/traffic";
import { INFERENCE_API } from "@/lib/contracts/gateway-event";
import { dash } from "@/lib/core/words/format";
import { tokensText } from "./request-look";

describe("what is not measured by tokens", () => {
  it("shows none, where a chat that was refused shows 0", () => {
    const none = { inputTokens: 0, outputTokens: 0 };
    expect(tokensText({ api: INFERENCE_API, ...none })).toBe(dash);
    expect(tokensText({ api: "/v1/chat/completions", ...none })).toBe("0 / 0");
  });

  it("has no cost for a thousand requests, rather than one of nothing", () => {
    const traffic = { requests: 10, costUsd: "0", unpriced: 0, inputTokens: 0, outputTokens: 0 };
    expect(costPerThousand(traffic)).toBeNull();
    expect(costPerThousand({ ...traffic, costUsd: "0.02", inputTokens: 5 })).toBe("2");
    expect(costPerThousand({ ...traffic, inputTokens: 5, unpriced: 1 })).toBeNull();
  });
});
