import { deleteContentCapture, getContentCapture, putContentCapture } from "@/lib/domain/contents";
import { handle } from "@/lib/http/handle";

export const GET = handle(getContentCapture);
export const PUT = handle(putContentCapture);
export const DELETE = handle(deleteContentCapture);
