import type { backends as source } from "../en/backends";
import type { WordsOf } from "../types";

export const backends = {
  title: "백엔드",
  create: "백엔드 추가",
  empty: "아직 백엔드가 없습니다",
  emptyAbout: "백엔드는 서빙 서버 하나이며 종류, 주소, 암호화된 키, 상태를 가집니다. 여기서 또는 CI에서 처음 추가합니다:",
} satisfies WordsOf<typeof source>;
