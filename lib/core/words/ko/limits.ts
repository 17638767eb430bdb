import type { limits as source } from "../en/limits";
import type { WordsOf } from "../types";

export const limits = {
  title: "한도",
  none: "한도 없음",
  endpointSub: "모든 호출자 합계",
  requests: "분당 요청 수",
  tokens: "분당 토큰 수",
  concurrent: "동시 요청 수",
  hint: "비워 두면 한도가 없습니다. 1분은 임의의 60초이며, 토큰은 입력과 출력을 합한 값입니다.",
  requestsOf: (p) => `분당 요청 ${p.count}건`,
  tokensOf: (p) => `분당 토큰 ${p.count}개`,
  concurrentOf: (p) => `동시 ${p.count}건`,
  change: "변경",
  changeOf: (p) => `${p.name} 한도 변경`,
  titleOf: (p) => `${p.name} 한도`,
  keyAbout: "이 키를 쓰는 애플리케이션이 보낼 수 있는 양입니다. 게이트웨이는 몇 초 안에 적용하며, 진행 중인 요청은 계속됩니다.",
  endpointAbout: "모든 키를 합쳐 이 엔드포인트로 보낼 수 있는 양입니다. 게이트웨이는 몇 초 안에 적용하며, 진행 중인 요청은 계속됩니다.",
  save: "한도 저장",
  saving: "저장 중",
  saved: (p) => `${p.name} 한도를 변경했습니다.`,
  needsRole: (p) => `한도를 변경하려면 ${p.role} 역할이 필요합니다.`,
} satisfies WordsOf<typeof source>;
