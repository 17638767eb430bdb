import type { verdicts as source } from "../en/verdicts";
import type { WordsOf } from "../types";

export const verdicts = {
  subjects_missing: (p) =>
    p.estimate === null
      ? `계획까지 점수가 있는 대상이 ${p.list} 더 필요합니다.`
      : `계획까지 점수가 있는 대상이 ${p.list} 더 필요합니다. 지금 트래픽이면 약 ${p.estimate} 걸립니다.`,
  time_missing: (p) => `계획한 최소 기간이 끝나려면 ${p.left} 남았습니다.`,
  no_scores: (p) => `${p.group}에 이 지표의 점수가 있는 대상이 없습니다.`,
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
  not_significant: (p) => `계획한 크기에서 차이가 우연일 수 있으나(p ${p.pValue}, 기준 ${p.alpha}), 차이가 없다는 증거는 아닙니다.`,
  deadline_reached: (p) => `실험이 ${p.after} 만에 기한에 이르렀습니다.`,
  stopped_early: (p) => `실험이 ${p.after} 만에 중지되었습니다.`,
  no_data: "판단 기준이 되는 지표가 아직 측정되지 않았습니다.",
  no_test: {
    insufficient_data: (p) => `${p.metric} 값이 있는 대상이 너무 적어 검정할 수 없습니다.`,
    zero_variance: (p) => `모든 대상의 ${p.metric} 값이 같아서 검정할 것이 없습니다.`,
  },
  sample_ratio: (p) =>
    `${p.arm}: 대상 배정 계획은 ${p.planned}, 실제는 ${p.seen}입니다(p ${p.pValue}). 어딘가에서 대상이 빠지거나 더해지고 있어, 여기서 잰 다른 값도 믿을 수 없습니다.`,
  crossed_subjects: (p) => `대상의 ${p.share} 정도가 두 군 이상에서 나타났습니다.`,
  served_elsewhere: (p) => `${p.arm} 요청의 ${p.share} 정도는 다른 곳(대체 경로나 저장된 답변)에서 응답했습니다.`,
  missing_scores: (p) =>
    `${p.metric} 값이 없는 대상이 ${p.arm}에서는 ${p.share}, 대조군에서는 ${p.otherShare}입니다. 값이 있는 대상들이 서로 같은 부류가 아닙니다.`,
  partial_week: "지금까지의 기간이 주 단위로 떨어지지 않아 요일이 고르게 포함되지 않았습니다.",
  quiet_days: (p) =>
    p.metric === null
      ? `${p.dates}(UTC)에는 들어온 대상이 거의 없습니다. 장애나 휴일이었을 수 있으며, 그 요일은 결과에 거의 들어 있지 않습니다.`
      : `${p.dates}(UTC) 요청에는 ${p.metric} 점수가 거의 없어, 그 날은 결과에 거의 들어 있지 않습니다. 늦게 오는 점수는 그때 반영됩니다.`,
  novelty: (p) =>
    `${p.metric}에 대한 효과가 대상의 첫날과 이후 날에 서로 다릅니다(p ${p.pValue}). 효과가 사라지거나 커지는 중일 수 있습니다.`,
  guardrail_broken: (p) =>
    p.lift === null
      ? `보호 지표 ${p.metric}: 기준을 어겼습니다. 더 나빠졌습니다(p ${p.pValue}).`
      : `보호 지표 ${p.metric}: 기준을 어겼습니다. ${p.lift} 나빠졌습니다(p ${p.pValue}).`,
  guardrail_open: (p) =>
    p.worst === null
      ? `보호 지표 ${p.metric}: 얼마나 나빠졌을지 아직 알 수 없습니다. 허용 한도는 ${p.margin}입니다.`
      : `보호 지표 ${p.metric}: 최대 ${p.worst}까지 나빠졌을 가능성이 남아 있습니다. 허용 한도는 ${p.margin}입니다.`,
  rests_on_outliers: (p) => `${p.metric}의 개선은 몇 개의 아주 큰 값에서만 나옵니다.`,
  aa_difference: (p) => `두 군이 같은데도 ${p.metric}에 차이가 있습니다(p ${p.pValue}). 측정에 문제가 있습니다.`,
} satisfies WordsOf<typeof source>;
