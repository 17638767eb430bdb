import type { errors as source } from "../en/errors";
import type { WordsOf } from "../types";

export const errors = {
  notRead: (p) => `읽지 못했습니다: ${p.what}`,
  trafficSafe: "실시간 트래픽에는 영향이 없습니다. 게이트웨이는 마지막 구성으로 계속 답합니다.",
  reference: (p) => `${p.code}, 요청 ${p.requestId}`,
  request: "요청",
  network: "서버가 답하지 않았습니다. 변경이 반영되었는지 알 수 없으므로 페이지를 확인한 뒤 다시 시도하십시오.",
  readNetwork: "서버가 답하지 않았습니다. 마지막으로 읽은 내용을 보여 줍니다.",
  unknown: "서버가 처리하지 못했습니다. 바뀐 것으로 확인된 내용은 없습니다.",
  form: (p) => `저장하지 않았습니다. ${p.count}개 항목을 고쳐야 합니다.`,
  fieldNeeded: "필수 항목입니다.",
  tooShort: (p) => `${p.min}자 이상이어야 합니다.`,
  pageTitle: "이 페이지를 보여 줄 수 없습니다",
  pageDetail: "처리 중에 실패했습니다. 게이트웨이는 이 페이지와 무관하므로 실시간 트래픽에는 영향이 없습니다.",
  globalDetail: "애플리케이션을 시작하지 못했습니다. 게이트웨이는 이와 무관하므로 실시간 트래픽에는 영향이 없습니다.",
  notFoundTitle: "여기에는 아무것도 없습니다",
  notFoundDetail: "오래된 주소이거나, 멤버가 아닌 프로젝트의 주소일 수 있습니다.",
  notFoundBack: "개요로 이동",
  noPermission: "볼 수 있지만 바꿀 수 없습니다",
  noPermissionRead: "열 수 없습니다",
  needsRole: (p) => `${p.act}: ${p.role} 역할이 필요합니다.`,
  whoHasRole: (p) => `${p.project}에서 이 역할을 가진 사람: ${p.people}.`,
  nobodyHasRole: (p) => `${p.project}에는 이 역할을 가진 사람이 없습니다.`,
} satisfies WordsOf<typeof source>;
