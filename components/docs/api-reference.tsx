import { getRequestWords } from "@/components/shell/locale";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { type OperationView, toReference } from "./openapi-view";

function Fold({ title, children }: { title: string; children: string }) {
  return (
    <details className="border-t border-line py-2">
      <summary className="cursor-pointer text-base font-medium">{title}</summary>
      <div className="mt-2">
        <CodeBlock code={children} label={title} />
      </div>
    </details>
  );
}

function Parameters({ operation }: { operation: OperationView }) {
  if (operation.parameters.length === 0) return null;
  return (
    <ul className="border-t border-line py-2 text-base">
      {operation.parameters.map((p) => (
        <li key={`${p.place}-${p.name}`} className="py-0.5">
          <code className="font-mono text-small">{p.name}</code>{" "}
          <span className="text-ink-3">
            {p.place}, {p.type}
            {p.required ? ", required" : ""}
          </span>{" "}
          {p.description}
        </li>
      ))}
    </ul>
  );
}

function Operation({ operation }: { operation: OperationView }) {
  return (
    <Card id={operation.id} className="mb-4 scroll-mt-4">
      <CardHead
        level={3}
        title={
          <a href={`#${operation.id}`} className="font-mono text-small wrap-anywhere">
            <b>{operation.method}</b> {operation.path}
          </a>
        }
      />
      <CardBody>
        <p className="text-body font-medium">{operation.summary}</p>
        <p className="mb-2 whitespace-pre-line text-base text-ink-2">{operation.description.replaceAll("**", "").replaceAll("`", "")}</p>
        <CodeBlock code={operation.curl} label="curl" />
        <Parameters operation={operation} />
        {operation.body !== null && <Fold title="Body">{operation.body}</Fold>}
        {operation.answer !== null && <Fold title={`Answer ${operation.answer.status}`}>{operation.answer.schema}</Fold>}
        <details className="border-t border-line py-2">
          <summary className="cursor-pointer text-base font-medium">Errors</summary>
          <ul className="mt-2 text-base">
            {operation.errors.flatMap(({ status, codes }) =>
              codes.map(({ code, title }) => (
                <li key={code} className="py-0.5">
                  {status}{" "}
                  <a className="font-mono text-small underline" href={`/docs/errors/${code}`}>
                    {code}
                  </a>{" "}
                  {title}
                </li>
              )),
            )}
          </ul>
        </details>
      </CardBody>
    </Card>
  );
}

/** The REST API, by tag, from its OpenAPI document. */
export async function ApiReference({ document }: { document: unknown }) {
  const words = await getRequestWords();
  const reference = toReference(document);
  return (
    <>
      <h1 className="text-h1 font-semibold">{words.shell.nav.docs}</h1>
      <p className="mt-1 mb-4 max-w-[92ch] text-body text-ink-2">{reference.description.replaceAll("`", "")}</p>
      <p className="mb-4">
        <a className="underline" href="/api/v1/openapi.json">
          /api/v1/openapi.json
        </a>
      </p>
      <nav aria-label={words.shell.nav.docs} className="mb-6 flex flex-wrap gap-x-4 gap-y-1">
        {reference.groups.map(({ tag }) => (
          <a key={tag} className="underline" href={`#${encodeURIComponent(tag)}`}>
            {tag}
          </a>
        ))}
      </nav>
      {reference.groups.map(({ tag, operations }) => (
        <section key={tag} id={encodeURIComponent(tag)} className="scroll-mt-4">
          <h2 className="mb-3 text-h2 font-semibold">{tag}</h2>
          {operations.map((operation) => (
            <Operation key={operation.id} operation={operation} />
          ))}
        </section>
      ))}
    </>
  );
}
