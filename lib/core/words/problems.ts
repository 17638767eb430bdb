import { ERRORS, type ErrorCode } from "../errors";
import type { Locale } from "./locale";

const korean: Record<ErrorCode, string> = {
  invalid_request: "요청이 올바르지 않습니다",
  invalid_json: "본문이 올바른 JSON이 아닙니다",
  invalid_reference: "요청이 가리키는 대상이 없습니다",
  invalid_weights: "가중치의 합은 정확히 10,000 베이시스 포인트여야 합니다",
  invalid_template: "프롬프트 템플릿을 읽을 수 없습니다",
  project_required: "요청에 프로젝트가 없습니다",
  environment_unknown: "프로젝트에 그런 환경이 없습니다",
  address_not_allowed: "여기에서 부를 수 없는 주소입니다",
  body_too_large: "본문이 너무 큽니다",
  unsupported_media_type: "본문은 application/json이어야 합니다",
  precondition_required: "변경에는 If-Match 헤더가 필요합니다",
  precondition_failed: "읽은 뒤에 대상이 바뀌었습니다",
  idempotency_key_reused: "멱등 키가 다른 요청에 이미 쓰였습니다",
  idempotency_in_progress: "같은 멱등 키의 요청이 아직 실행 중입니다",
  unauthenticated: "로그인하거나 토큰을 보내야 합니다",
  invalid_credentials: "이메일 또는 비밀번호가 맞지 않습니다",
  token_expired: "토큰이 만료되었거나 폐기되었습니다",
  forbidden: "이 역할로는 할 수 없습니다",
  cross_origin: "브라우저의 쓰기는 같은 출처에서만 할 수 있습니다",
  too_many_attempts: "시도가 너무 많습니다",
  rate_limited: "요청이 너무 많습니다",
  not_found: "여기에는 아무것도 없습니다",
  method_not_allowed: "이 주소는 그 메서드를 받지 않습니다",
  already_exists: "이미 쓰이고 있는 이름입니다",
  state_conflict: "대상의 상태 때문에 할 수 없습니다",
  endpoint_busy: "엔드포인트의 트래픽이 이미 옮겨지고 있습니다",
  approval_required: "먼저 승인이 필요합니다",
  internal: "서버에서 문제가 생겼습니다",
  unavailable: "필요한 구성 요소가 응답하지 않습니다",
  invalid_api_key: "게이트웨이 키를 알 수 없거나, 만료되었거나, 폐기되었습니다",
  endpoint_not_found: "프로젝트에 그런 엔드포인트가 없습니다",
  context_length_exceeded: "요청이 모델의 컨텍스트보다 깁니다",
  upstream_rejected: "서빙 백엔드가 요청을 거부했습니다",
  upstream_unavailable: "서빙 백엔드에 연결할 수 없습니다",
  upstream_failed: "서빙 백엔드가 오류로 답했습니다",
  upstream_truncated: "서빙 백엔드가 답을 도중에 끊었습니다",
  upstream_timeout: "서빙 백엔드가 제시간에 답하지 않았습니다",
  upstream_rate_limited: "서빙 백엔드가 한도에 이르렀습니다",
  upstream_overloaded: "서빙 백엔드에 지금 여유가 없습니다",
  queue_full: "서빙 백엔드를 기다리는 요청이 너무 많습니다",
  queue_timeout: "제시간에 자리가 난 서빙 백엔드가 없습니다",
  upstream_resting: "서빙 백엔드가 계속 실패해 잠시 쉬게 하고 있습니다",
  request_timeout: "요청이 제시간에 도착하지 않았습니다",
  budget_exhausted: "이 트래픽의 예산을 모두 썼습니다",
  budget_unknown: "지금은 예산이 얼마나 남았는지 알 수 없습니다",
  usage_spool_full: "지금은 사용량을 기록할 수 없습니다",
  gateway_not_ready: "게이트웨이에 아직 구성이 없습니다",
};

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** The sentence of an error code in the reader's language; null for a code that the catalogue does not know. */
export function problemTitle(locale: Locale, code: string): string | null {
  if (!isCode(code)) return null;
  return locale === "ko" ? korean[code] : ERRORS[code].title;
}
