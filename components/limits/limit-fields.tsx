"use client";

import { useWords } from "@/components/shell/words-provider";
import { TextField } from "@/components/ui/field";
import { type LimitSettings, NO_LIMITS } from "@/lib/contracts/rate-limits";
import { parseLimit } from "./parse-limit";

/** Three numbers, each of which may stay empty. Read them with `readLimits`. */
export function LimitFields({ limits = NO_LIMITS }: { limits?: LimitSettings }) {
  const { limits: text } = useWords();
  const common = { inputMode: "numeric", autoComplete: "off", optional: true } as const;
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <TextField
          {...common}
          label={text.requests}
          name="requestsPerMinute"
          pointer="/limits/requestsPerMinute"
          defaultValue={limits.requestsPerMinute ?? ""}
        />
        <TextField
          {...common}
          label={text.tokens}
          name="tokensPerMinute"
          pointer="/limits/tokensPerMinute"
          defaultValue={limits.tokensPerMinute ?? ""}
        />
      </div>
      <TextField
        {...common}
        label={text.concurrent}
        name="concurrent"
        pointer="/limits/concurrent"
        hint={text.hint}
        defaultValue={limits.concurrent ?? ""}
      />
    </>
  );
}

export function readLimits(form: FormData): LimitSettings {
  const read = (name: string) => parseLimit(String(form.get(name) ?? ""));
  return { requestsPerMinute: read("requestsPerMinute"), tokensPerMinute: read("tokensPerMinute"), concurrent: read("concurrent") };
}
