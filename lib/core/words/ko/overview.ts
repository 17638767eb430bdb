import type { overview as source } from "../en/overview";
import type { WordsOf } from "../types";

export const overview = {
  title: "개요",
  needsYou: "할 일",
  needsYouSub: "심각한 순서",
  nothingWaits: "기다리는 일이 없습니다.",
  endpoints: "엔드포인트",
  inProgress: "진행 중",
  empty: "아직 엔드포인트가 없습니다",
  emptyAbout: "엔드포인트는 애플리케이션이 부르는 고정된 이름입니다. 모델을 등록하고 백엔드를 추가한 뒤 엔드포인트를 만듭니다.",
} satisfies WordsOf<typeof source>;
