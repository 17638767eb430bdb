import type { rollouts as source } from "../en/rollouts";
import type { WordsOf } from "../types";

export const rollouts = {
  title: "롤아웃",
  create: "새 롤아웃",
  empty: "아직 롤아웃이 없습니다",
  emptyAbout: "롤아웃은 엔드포인트를 한 릴리스에서 다음 릴리스로 단계적으로 옮깁니다. 여기서 또는 CI에서 처음 엽니다:",
} satisfies WordsOf<typeof source>;
