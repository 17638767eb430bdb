import type { drift as source } from "../en/drift";
import type { WordsOf } from "../types";

export const drift = {
  title: "드리프트",
  create: "새 모니터",
  empty: "아직 드리프트 모니터가 없습니다",
  emptyAbout: "모니터는 지금 들어오는 데이터를 기준 구간과 비교하여 움직인 특성을 알려 줍니다. 여기서 또는 CI에서 처음 만듭니다:",
} satisfies WordsOf<typeof source>;
