import type { approvals as source } from "../en/approvals";
import type { WordsOf } from "../types";

export const approvals = {
  title: "승인",
  create: "승인 요청",
  empty: "승인을 기다리는 항목이 없습니다",
  emptyAbout: "승인은 화면에 보인 내용의 다이제스트에 묶입니다. 승인이 필요한 롤아웃이 여기에 나타납니다.",
} satisfies WordsOf<typeof source>;
