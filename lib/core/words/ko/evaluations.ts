import type { evaluations as source } from "../en/evaluations";
import type { WordsOf } from "../types";

export const evaluations = {
  title: "평가 세트",
  about: "좋은 답으로 인정할 답변이 있는 사례 모음입니다. 플레이그라운드에서 저장하거나 API로 보냅니다.",
  empty: "아직 평가 세트가 없습니다",
  emptyAbout: "세트에는 질문과 좋은 답으로 인정할 답변이 사례로 담깁니다. 플레이그라운드에서 저장할 수 있습니다.",
  toPlayground: "플레이그라운드 열기",
  columns: { name: "세트", cases: "사례", createdBy: "만든 사람", created: "만든 때" },
  count: (p) => `사례 ${p.count}개`,
  cases: "사례",
  noCases: "아직 사례가 없습니다",
  case: (p) => `사례 ${p.number}`,
  caseColumns: { number: "사례", asked: "질문", expected: "좋은 답", source: "출처", tags: "태그", created: "저장한 때" },
  noExpected: "정해지지 않음",
  values: "값",
  remove: "빼기",
  removed: (p) => `사례 ${p.number} 제거됨`,
  request: "요청 로그",
} satisfies WordsOf<typeof source>;
