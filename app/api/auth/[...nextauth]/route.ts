import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "@/lib/http/auth-options";
import { runtime } from "@/lib/http/runtime";

type Context = { params: Promise<{ nextauth: string[] }> };

async function handler(request: NextRequest, context: Context): Promise<Response> {
  runtime();
  return NextAuth(request as never, context as never, authOptions());
}

export { handler as GET, handler as POST };
