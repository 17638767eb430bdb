import { getRequestWords } from "@/components/shell/locale";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DetailList, KeyFacts } from "@/components/ui/key-facts";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatBytes, formatCount } from "@/lib/core/words/format";
import { getModelVersion } from "@/lib/domain/registry";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

export default async function ModelVersionPage(props: PageProps<"name" | "version">) {
  const [{ actor, names }, words] = await Promise.all([openPage<"name" | "version">(props), getRequestWords()]);
  const version = await readForPage(getModelVersion, actor, { params: { name: names.name, version: names.version } });
  const w = words.lists;
  const lineage = Object.entries(version.lineage).filter(([, value]) => value !== null);
  return (
    <Page>
      <PageHeader title={`${version.model} v${version.number}`}>{version.description}</PageHeader>
      <KeyFacts
        facts={[
          { label: w.engine, value: version.engine },
          { label: w.precision, value: version.precision },
          { label: w.contextLength, value: version.contextLength === null ? w.none : formatCount(version.contextLength) },
          { label: w.licence, value: version.licence ?? w.none },
          { label: w.by, value: version.createdBy },
          { label: w.created, value: <RelativeTime at={version.createdAt} /> },
        ]}
      />
      <Card>
        <CardHead title={w.artifacts} sub={String(version.artifacts.length)} />
        <CardBody>
          {version.artifacts.length === 0 && <p className="text-ink-3">{w.none}</p>}
          {version.artifacts.map((a) => (
            <div key={a.uri} className="mb-3">
              <p className="wrap-anywhere">
                {a.uri} · {a.role} · {formatBytes(a.sizeBytes)}
              </p>
              <CopyField what="SHA-256" value={a.sha256} />
            </div>
          ))}
        </CardBody>
      </Card>
      <Card>
        <CardHead title={w.lineage} />
        <CardBody>
          {lineage.length === 0 ? (
            <p className="text-ink-3">{w.none}</p>
          ) : (
            <DetailList items={lineage.map(([label, value]) => ({ label, value: String(value) }))} />
          )}
        </CardBody>
      </Card>
      <Card>
        <CardHead title={w.serves} />
        <CardBody>
          {version.usedBy.length === 0 ? (
            <p className="text-ink-3">{w.nowhere}</p>
          ) : (
            <DetailList
              items={version.usedBy.map((u) => ({
                label: `${u.endpoint} (${u.environment})`,
                value: `r${u.release}${u.isActive ? `, ${w.active}` : ""}`,
              }))}
            />
          )}
        </CardBody>
      </Card>
    </Page>
  );
}
