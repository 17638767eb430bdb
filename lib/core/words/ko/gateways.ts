import type { gateways as source } from "../en/gateways";
import type { WordsOf } from "../types";

export const gateways = {
  title: "게이트웨이",
  about: "설치 전체",
  verdict: {
    none: "작동 중인 게이트웨이가 없어 애플리케이션이 답을 받지 못합니다.",
    noneDetail: "게이트웨이를 시작하거나 아래 게이트웨이가 왜 보고하지 않는지 확인하세요. 받아 둔 설정은 각 디스크에 남아 있습니다.",
    agree: (p) =>
      Number(p.count) === 1
        ? `작동 중인 게이트웨이 하나가 최신 설정 ${p.generation}세대를 서빙합니다.`
        : `작동 중인 게이트웨이 ${p.count}개가 모두 최신 설정 ${p.generation}세대를 서빙합니다.`,
    agreeDetail: "콘솔에서 저장한 내용이 지금 도착하는 모든 요청에 적용됩니다.",
    behind: (p) => `작동 중인 게이트웨이 ${p.live}개 중 ${p.behind}개가 최신 설정을 서빙하지 않습니다.`,
    behindDetail:
      "마지막으로 받은 설정을 계속 쓰므로, 그 뒤에 저장한 변경은 아직 적용되지 않습니다. 롤아웃 단계는 기다리지만 되돌리기는 기다리지 않습니다.",
    refused: (p) => `게이트웨이 ${p.count}개가 설정에 관해 경보를 냅니다.`,
    refusedDetail: "마지막 정상 설정을 계속 씁니다. 문제는 아래에 있으며, 기다린다고 해결되지 않습니다.",
  },
  facts: {
    newest: "최신 세대",
    epoch: "에포크",
    published: "게시한 때",
    live: "작동 중인 게이트웨이",
    waiting: "대기 중인 사용량",
    noSnapshot: "아직 게시되지 않음",
  },
  table: {
    title: "게이트웨이별 설정",
    sub: "각 게이트웨이가 1초마다 알린 마지막 내용",
    gateway: "게이트웨이",
    state: "상태",
    generation: "세대",
    inFlight: "처리 중",
    spool: "대기 중인 사용량",
    heard: "마지막 보고",
    started: "시작한 때",
    version: "버전",
    epoch: (p) => `에포크 ${p.epoch}`,
    behindBy: (p) => `설정 ${p.count}개 뒤처짐`,
    sinceAtLeast: "시작:",
    spoolOf: (p) => `최대 ${p.most} 중 ${p.bytes}`,
    spoolOldest: (p) => `가장 오래된 기록 ${p.age} 전`,
    spoolStates: { slow: "디스크가 느림", filling: "확인 필요", refusing: "새 요청을 받지 않음" },
    records: (p) => `${p.count}건`,
  },
  spoolTitle: (p) => `${p.gateway}: 사용량 기록 경보`,
  spoolRefuses: "사용량을 기록할 수 없으므로, 해결될 때까지 새 요청을 받지 않습니다.",
  refusedTitle: (p) => `${p.gateway}: 설정 경보`,
  refusedSince: "시작:",
  empty: "아직 보고한 게이트웨이가 없습니다",
  emptyAbout: "게이트웨이는 애플리케이션에 답합니다. 시작하면 1초 안에 여기에 나타납니다.",
  all: "모든 게이트웨이",
} satisfies WordsOf<typeof source>;
