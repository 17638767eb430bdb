import { handleNotFound } from "@/lib/http/handle";

export { handleNotFound as DELETE, handleNotFound as GET, handleNotFound as PATCH, handleNotFound as POST, handleNotFound as PUT };
