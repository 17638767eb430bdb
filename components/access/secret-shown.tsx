"use client";

import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyField } from "@/components/ui/copy-field";
import { Note } from "@/components/ui/note";

type Props = { secret: string; what: string; example: string; onDone: () => void };

/** A secret that cannot be shown again, with a call that uses it. */
export function SecretShown({ secret, what, example, onDone }: Props) {
  const words = useWords();
  return (
    <div className="grid gap-3.5">
      <Note tone="hold" role="status">
        {words.access.secretOnce}
      </Note>
      <CopyField value={secret} what={what} className="min-h-10 bg-surface" />
      <p className="text-small text-ink-2">{words.access.tryIt}</p>
      <CodeBlock code={example} label={words.access.exampleCall} wrap />
      <div className="flex justify-end max-md:[&>*]:h-12 max-md:[&>*]:flex-1">
        <Button variant="primary" onClick={onDone}>
          {words.access.secretStored}
        </Button>
      </div>
    </div>
  );
}
