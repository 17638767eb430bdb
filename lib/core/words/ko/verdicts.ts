import type { verdicts as source } from "../en/verdicts";
import type { WordsOf } from "../types";

export const verdicts = {
  subjects_missing: (p) =>
    p.estimate === null
      ? `계획까지 점수가 있는 대상이 대조군 ${p.control}명, 실험군 ${p.treatment}명 더 필요합니다.`
      : `계획까지 점수가 있는 대상이 대조군 ${p.control}명, 실험군 ${p.treatment}명 더 필요합니다. 지금 트래픽이면 약 ${p.estimate} 걸립니다.`,
  time_missing: (p) => `계획한 최소 기간이 끝나려면 ${p.left} 남았습니다.`,
  no_scores: {
    control: "대조군에 이 지표의 점수가 있는 대상이 없습니다.",
    treatment: "실험군에 이 지표의 점수가 있는 대상이 없습니다.",
  },
  no_spread: "모든 대상의 점수가 같아서 검정할 것이 없습니다.",
  zero_baseline: "대조군의 평균이 0이라 상대 기준폭을 적용할 수 없습니다.",
  significant_gain: (p) =>
    p.lift === null
      ? `실험군이 더 좋으며, 우연만으로는 보기 어려운 차이입니다(p ${p.pValue}, 기준 ${p.alpha}).`
      : `실험군이 ${p.lift} 더 좋으며, 우연만으로는 보기 어려운 차이입니다(p ${p.pValue}, 기준 ${p.alpha}).`,
  significant_harm: (p) =>
    p.lift === null
      ? `실험군이 더 나쁘며, 우연만으로는 보기 어려운 차이입니다(p ${p.pValue}, 기준 ${p.alpha}).`
      : `실험군이 ${p.lift} 더 나쁘며, 우연만으로는 보기 어려운 차이입니다(p ${p.pValue}, 기준 ${p.alpha}).`,
  gain_below_margin: (p) => `실험군이 ${p.lift} 더 좋지만, 실질 기준폭 ${p.margin}보다 작습니다.`,
  inside_margin: (p) => `차이가 ${p.low}에서 ${p.high} 사이로, 전부 실질 기준폭 ±${p.margin} 안에 있습니다.`,
  not_significant: (p) => `계획한 크기에서 차이가 우연일 수 있고(p ${p.pValue}, 기준 ${p.alpha}), 실질 기준폭보다 클 수도 있습니다.`,
  deadline_reached: (p) => `실험이 ${p.after} 만에 기한에 이르렀습니다.`,
  stopped_early: (p) => `실험이 ${p.after} 만에 중지되었습니다.`,
} satisfies WordsOf<typeof source>;
