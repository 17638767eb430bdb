import type { prompts as source } from "../en/prompts";
import type { WordsOf } from "../types";

export const prompts = {
  title: "프롬프트",
  create: "새 프롬프트",
  empty: "아직 프롬프트가 없습니다",
  emptyAbout: "프롬프트 버전은 바뀌지 않으며 내용의 해시로 식별됩니다. 여기서 또는 CI에서 처음 올립니다:",
} satisfies WordsOf<typeof source>;
