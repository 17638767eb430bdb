import type { experiments as source } from "../en/experiments";
import type { WordsOf } from "../types";

export const experiments = {
  title: "실험",
  create: "실험 계획",
  empty: "아직 실험이 없습니다",
  emptyAbout: "실험은 하나의 주 지표로 변형들을 비교하며, 표본 크기를 시작 전에 계획합니다. 여기서 또는 CI에서 처음 계획합니다:",
} satisfies WordsOf<typeof source>;
