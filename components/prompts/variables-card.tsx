"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { DataTable } from "@/components/ui/data-table";
import { toVariableText } from "@/lib/core/prompt-variables";
import type { PromptVersion } from "@/lib/domain/prompts/api";

/** What may be put into a version, and the JSON Schema that says the same to machines. */
export function VariablesCard({ version }: { version: PromptVersion }) {
  const words = useWords();
  const text = words.prompts;
  const head = text.variableColumns;
  return (
    <Card>
      <CardHead title={text.variablesTitle} sub={text.variablesSub} />
      {version.variables.length === 0 ? (
        <CardBody className="text-ink-2">{text.noVariables}</CardBody>
      ) : (
        <>
          <DataTable
            caption={text.variablesTitle}
            phone="cards"
            rows={version.variables}
            rowKey={(variable) => variable.name}
            columns={[
              { id: "name", head: head.name, phone: "title", cell: (variable) => <code className="font-medium">{variable.name}</code> },
              { id: "type", head: head.type, cell: (variable) => <Type variable={variable} /> },
              { id: "required", head: head.required, cell: (variable) => (variable.required ? text.yes : text.no) },
              {
                id: "default",
                head: head.default,
                cell: (variable) =>
                  variable.default === null ? (
                    <span className="text-ink-3">–</span>
                  ) : (
                    <code className="wrap-anywhere">{toVariableText(variable.default)}</code>
                  ),
              },
              {
                id: "description",
                head: head.description,
                cell: (variable) => (variable.description === "" ? <span className="text-ink-3">–</span> : variable.description),
              },
            ]}
          />
          <details className="border-t border-line px-4 py-3">
            <summary className="cursor-pointer text-small text-ink-2">{text.variablesSchema}</summary>
            <div className="pt-3">
              <CodeBlock code={JSON.stringify(version.variablesSchema, null, 2)} label={text.variablesSchema} />
            </div>
          </details>
        </>
      )}
    </Card>
  );
}

function Type({ variable }: { variable: PromptVersion["variables"][number] }) {
  const text = useWords().prompts;
  return (
    <>
      {text.form.types[variable.type]}
      {variable.schema !== undefined && (
        <span className="block text-small text-ink-3">
          {text.schema} <code className="wrap-anywhere">{JSON.stringify(variable.schema)}</code>
        </span>
      )}
    </>
  );
}
