import type { access as source } from "../en/access";
import type { WordsOf } from "../types";

export const access = {
  title: "설정",
  members: "멤버",
  tokens: "API 토큰",
  gatewayKeys: "게이트웨이 키",
  signInTitle: "Switchyard 로그인",
  email: "이메일",
  password: "비밀번호",
  signInRefused: "로그인하지 못했습니다. 이메일과 비밀번호가 맞지 않습니다.",
  secretOnce: "한 번만 보여 줍니다. 지금 복사해 두십시오.",
} satisfies WordsOf<typeof source>;
