import { redirect } from "next/navigation";

/** The crumb between an endpoint and its release: the list stands on the endpoint's page. */
export default async function ReleasesRoute({ params }: { params: Promise<{ project: string; name: string }> }) {
  const { project, name } = await params;
  redirect(`/${project}/endpoints/${name}`);
}
