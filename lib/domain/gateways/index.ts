export { type HeardGateway, listGateways, listHeardGateways } from "./read-gateways";
export { saveHeartbeats } from "./store";
