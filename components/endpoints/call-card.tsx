"use client";

import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyField } from "@/components/ui/copy-field";
import type { PromptVersion } from "@/lib/domain/prompts/api";
import { toCurlCall } from "./curl-call";

type Props = { project: string; endpoint: string; gatewayUrl: string; variables: PromptVersion["variables"] };

/** How an application calls it, ready to be pasted. */
export function CallCard({ project, endpoint, gatewayUrl, variables }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.endpoints.call;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} right={<TextLink href={link(`/${project}/settings`)}>{text.keys}</TextLink>} />
      <CardBody className="flex flex-col gap-3">
        <p className="text-ink-2">{text.about}</p>
        <CopyField value={`${gatewayUrl}/v1`} what={text.baseUrl} />
        <CodeBlock code={toCurlCall({ gatewayUrl, endpoint, variables })} label={text.curl} />
        <p className="text-small text-ink-3">
          {text.subject} {variables.length > 0 && text.variables}
        </p>
      </CardBody>
    </Card>
  );
}
