import type { models as source } from "../en/models";
import type { WordsOf } from "../types";

export const models = {
  title: "모델",
  create: "모델 등록",
  empty: "아직 모델이 없습니다",
  emptyAbout: "모델은 이름이고, 그 아래의 각 버전은 아티팩트, 다이제스트, 계보와 함께 바뀌지 않습니다. 여기서 또는 CI에서 처음 등록합니다:",
} satisfies WordsOf<typeof source>;
