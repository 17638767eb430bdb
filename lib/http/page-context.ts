import { cookies, headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { connection } from "next/server";
import { cache } from "react";
import { findProjectAccess, type Person, type ProjectAccess } from "@/lib/domain/access";
import { runtime } from "./runtime";
import { findPersonByCookie, sessionCookieName } from "./session";

/** The signed-in person of this page request, looked up once a request; null when nobody is. */
export const findPagePerson = cache(async (): Promise<Person | null> => {
  await connection();
  runtime();
  const jar = await cookies();
  return findPersonByCookie(jar.get(sessionCookieName())?.value);
});

/** @throws Next's redirect to the sign-in page, which comes back to `from` */
export async function getPagePerson(from: string): Promise<Person> {
  const person = await findPagePerson();
  if (person === null) redirect(`/sign-in?callbackUrl=${encodeURIComponent(from)}`);
  return person;
}

export interface PageContext extends ProjectAccess {
  readonly person: Person;
}

/** Who looks at which project. @throws Next's redirect or not-found */
export const getPageContext = cache(async (slug: string): Promise<PageContext> => {
  // The proxy writes the path that was asked for; signing in comes back to it, filters and all.
  const person = await getPagePerson((await headers()).get("x-path") ?? `/${slug}`);
  const access = await findProjectAccess(person, slug);
  if (access === null) notFound();
  return { ...access, person };
});
