import { startPlaygroundRun } from "@/lib/domain/playground";
import { handleStream } from "@/lib/http/handle-stream";

export const POST = handleStream(startPlaygroundRun);
