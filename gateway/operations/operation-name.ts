/** What a request can ask an endpoint for. */
export type OperationName = "chat" | "completion" | "embedding" | "inference";
