import type { Language, Topic } from "./answer-corpus";

/** What a customer or an agent asks; `{name} {order} {product} {city} {days} {amount}` are filled by the seed. */
export const QUESTION_TEMPLATES: Record<Topic, Record<Language, readonly string[]>> = {
  support: {
    ko: [
      "안녕하세요, {name}입니다. 주문 {order}이 아직 안 왔는데 언제쯤 도착하나요?",
      "주문 {order}의 {product}를 환불하고 싶어요. 환불까지 며칠 걸리나요?",
      "{product} 반품하려고 하는데 어디서 신청하면 되나요? 주문번호는 {order}예요.",
      "{order} 배송지를 {city}로 바꿀 수 있을까요? 아직 출고 전이면 좋겠습니다.",
      "받은 {product}이 파손되어 있었어요. 교환 가능한가요? 주문번호 {order}.",
      "할인 코드를 넣었는데 {amount}원이 그대로 결제됐어요. {order} 확인 부탁드립니다.",
      "비밀번호 재설정 메일이 안 와요. {days}일째 로그인을 못 하고 있습니다.",
      "구독을 해지하면 이미 결제한 {amount}원은 어떻게 되나요?",
      "{product} 보증 기간이 얼마나 되나요? {order}로 {days}일 전에 샀습니다.",
      "{order} 세금계산서를 {name} 앞으로 다시 발급받을 수 있을까요?",
    ],
    en: [
      "Hi, this is {name}. Order {order} has not arrived yet. When can I expect it?",
      "I would like a refund for the {product} from order {order}. How many days does that take?",
      "How do I return the {product}? The order number is {order}.",
      "Could you change the delivery address of {order} to {city}, please? It has not shipped yet.",
      "The {product} from {order} arrived damaged. Can I get a replacement?",
      "I entered a discount code, but {amount} USD was charged in full on {order}. Please check.",
      "The password reset mail never arrives. I have not been able to sign in for {days} days.",
      "If I cancel the subscription today, what happens to the {amount} USD that I already paid?",
      "How long is the warranty on the {product}? I bought it {days} days ago with {order}.",
      "Can you send the invoice for {order} again, made out to {name}?",
    ],
  },
  summary: {
    ko: [
      "다음 주문 기록을 세 문장으로 요약해 줘. {order}: {name} 고객, {product} 외 2건, {amount}원 카드 결제, {city} 배송, {days}일 지연.",
      "상담 내용을 정리해 줘. 고객 {name}: {product}이 안 켜집니다. 상담원: {order} 교환 접수했습니다. 고객: {days}일 안에 되나요?",
      "{order} 진행 상황을 팀장님께 보고할 수 있게 요약해 줘. 출고 완료, {city} 터미널에서 {days}일째 대기, 고객 문의 2회.",
      "반품 기록 요약 부탁해. {name} 고객이 {product} 반품, 상자 훼손, {amount}원 중 일부 환불 협의 중, 주문 {order}.",
      "오늘 {city} 지역 주문을 요약해 줘. {order} 포함 {days}건, 총 {amount}원, 미배송 1건.",
      "메일을 한 줄로 요약해 줘: {name}입니다. {order}로 산 {product}의 충전기가 빠져 있어서 {days}일 전에 문의했는데 답이 없습니다.",
      "{order} 결제 이력을 요약해 줘. {amount}원 승인, 쿠폰 적용 취소, 재결제, {days}일 뒤 부분 환불.",
    ],
    en: [
      "Summarise this order in three sentences. {order}: customer {name}, {product} and two more items, {amount} USD by card, to {city}, {days} days late.",
      "Summarise the chat. Customer {name}: the {product} does not turn on. Agent: I opened an exchange for {order}. Customer: will it take {days} days?",
      "Summarise the state of {order} for my manager: shipped, held at the {city} depot for {days} days, two questions from the customer.",
      "Please summarise the return: {name} sent back the {product}, box damaged, part of {amount} USD under discussion, order {order}.",
      "Summarise today's orders for {city}: {order} and {days} others, {amount} USD in total, one not delivered.",
      "In brief, what does this mail ask? I am {name}; the charger of the {product} from {order} was missing, and nobody has replied for {days} days.",
      "Summarise the payments of {order}: {amount} USD authorised, voucher withdrawn, charged again, partly refunded after {days} days.",
    ],
  },
  triage: {
    ko: [
      "티켓을 분류해 줘: {order} 결제가 {amount}원씩 두 번 청구됐습니다. 바로 취소해 주세요.",
      "우선순위를 정해 줘: {name} 고객, {days}일째 로그인 불가, 업무가 멈췄다고 합니다.",
      "담당 팀 분류: {product} 펌웨어를 올린 뒤 계속 꺼집니다. {order}로 구매했습니다.",
      "이 문의를 분류하고 우선순위를 매겨 줘: {city} 배송 조회가 {days}일 동안 그대로예요. {order}",
      "티켓 분류: 앱에서 {product} 상품 페이지를 열면 하얀 화면만 나옵니다.",
      "분류해 줘: {name}입니다. 제 개인정보를 모두 삭제해 주세요. 주문 {order} 포함입니다.",
      "우선순위 판단: 대량 주문 {order} 견적을 {days}일 안에 받고 싶습니다. 예산은 {amount}원입니다.",
    ],
    en: [
      "Classify this ticket: {order} was charged twice, {amount} USD each time. Please cancel one at once.",
      "Set the priority in triage: {name} has been locked out for {days} days and says that their work has stopped.",
      "Which team in triage? Since the firmware update the {product} keeps turning off. Bought with {order}.",
      "Classify and prioritise: tracking for {city} has not moved for {days} days. {order}",
      "Triage: the app shows a white screen on the page of the {product}.",
      "Classify: this is {name}. Please delete all of my personal data, order {order} included.",
      "Triage, what priority? We need a quote for bulk order {order} within {days} days; the budget is {amount} USD.",
    ],
  },
};

export const FILL_WORDS: Record<Language, { name: readonly string[]; product: readonly string[]; city: readonly string[] }> = {
  ko: {
    name: ["김서연", "이준호", "박지민", "최유나", "정민재", "강하은", "조현우", "윤소라", "임도윤", "한지우"],
    product: ["무선 이어폰", "공기청정기", "커피 메이커", "로봇 청소기", "기계식 키보드", "휴대용 모니터", "등산 가방", "전기 포트"],
    city: ["서울", "부산", "대구", "인천", "광주", "대전", "수원", "제주"],
  },
  en: {
    name: ["Emma Clark", "Liam Novak", "Olivia Park", "Noah Schmidt", "Ava Rossi", "Ethan Brown", "Mia Larsen", "Lucas Kim"],
    product: [
      "wireless earbuds",
      "air purifier",
      "coffee maker",
      "robot vacuum",
      "mechanical keyboard",
      "portable monitor",
      "hiking backpack",
    ],
    city: ["Seoul", "Busan", "London", "Berlin", "Austin", "Toronto", "Osaka", "Sydney"],
  },
};
