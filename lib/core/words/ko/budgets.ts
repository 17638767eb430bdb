import type { budgets as source } from "../en/budgets";
import type { WordsOf } from "../types";

export const budgets = {
  title: "비용과 예산",
  create: "새 예산",
  empty: "아직 예산이 없습니다",
  emptyAbout: "예산은 임계값에서 알리고, 돈이 쓰이기 전에 한도에서 요청을 거부합니다. 여기서 또는 CI에서 처음 만듭니다:",
} satisfies WordsOf<typeof source>;
