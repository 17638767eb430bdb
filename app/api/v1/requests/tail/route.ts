import { tailRequests } from "@/lib/domain/usage";
import { handleStream } from "@/lib/http/handle-stream";

export const GET = handleStream(tailRequests);
