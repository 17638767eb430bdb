import type { audit as source } from "../en/audit";
import type { WordsOf } from "../types";

export const audit = {
  title: "감사 기록",
  create: "체인 검증",
  empty: "아직 감사 이벤트가 없습니다",
  emptyAbout: "사람이나 토큰이 만든 모든 변경이 기록되며, 변조가 드러나도록 서로 연결됩니다.",
} satisfies WordsOf<typeof source>;
