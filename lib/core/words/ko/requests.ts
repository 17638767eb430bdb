import type { requests as source } from "../en/requests";
import type { WordsOf } from "../types";

export const requests = {
  title: "요청",
  create: "요청 보내기",
  empty: "아직 요청이 없습니다",
  emptyAbout: "게이트웨이를 지난 모든 요청이 토큰, 비용, 시간과 함께 여기에 남습니다. 첫 요청을 보냅니다:",
} satisfies WordsOf<typeof source>;
