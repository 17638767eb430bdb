import type { endpoints as source } from "../en/endpoints";
import type { WordsOf } from "../types";

export const endpoints = {
  title: "엔드포인트",
  create: "새 엔드포인트",
  empty: "아직 엔드포인트가 없습니다",
  emptyAbout: "엔드포인트는 애플리케이션이 model로 부르는 고정된 이름입니다. 여기서 또는 CI에서 처음 만듭니다:",
} satisfies WordsOf<typeof source>;
