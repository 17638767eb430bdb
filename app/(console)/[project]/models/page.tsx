import type { Metadata } from "next";
import { ModelsPage } from "@/components/models/models-page";
import { NewModelPage } from "@/components/models/new-model-page";
import { getRequestWords } from "@/components/shell/locale";
import { listModels } from "@/lib/domain/registry";
import { ENGINES, PRECISIONS, VERSION_STATES } from "@/lib/domain/registry/api";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).models.title };
}

export default async function ModelsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <NewModelPage scope={toScope(page)} />;
  const state = VERSION_STATES.find((each) => each === page.one("state"));
  const narrowed = {
    engine: ENGINES.find((each) => each === page.one("engine")),
    precision: PRECISIONS.find((each) => each === page.one("precision")),
    alias: page.one("alias") || undefined,
  };
  const asked = { q: page.one("q"), tag: page.one("tag") || undefined, state, ...narrowed, cursor: page.one("cursor") };
  const data = await readForPage(listModels, page.actor, { query: asked });
  return (
    <ModelsPage
      project={page.project.slug}
      q={asked.q}
      tag={asked.tag}
      state={state}
      narrowed={narrowed}
      cursor={asked.cursor}
      data={data}
    />
  );
}
