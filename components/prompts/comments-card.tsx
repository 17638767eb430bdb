"use client";

import { Undo2 } from "lucide-react";
import { useState } from "react";
import type { z } from "zod";
import { mayAct, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Avatar } from "@/components/ui/avatar";
import { Button, IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, TextAreaField } from "@/components/ui/field";
import { RelativeTime } from "@/components/ui/relative-time";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { useLive } from "@/lib/client/use-api";
import {
  addPromptComment,
  listPromptComments,
  type PromptComment,
  type PromptVersion,
  removePromptComment,
} from "@/lib/domain/prompts/api";

export type Comments = z.output<(typeof listPromptComments)["returns"]>;

type Props = { scope: Scope; version: PromptVersion; initial: Comments };

/** What people said about a version, oldest first, and a place to say something. */
export function CommentsCard({ scope, version, initial }: Props) {
  const words = useWords();
  const text = words.prompts.comments;
  const params = { name: version.prompt, version: version.number };
  const parts = { project: scope.project, params, query: { limit: 200 } };
  const { data, refetch } = useLive(listPromptComments, parts, { initial, everyMs: 15_000 });
  const [written, setWritten] = useState(0);
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const body = { body: String(form.get("body") ?? "") };
    const answer = await call(addPromptComment, { project: scope.project, params, body });
    if (!answer.ok) return answer;
    // A fresh key empties the field.
    setWritten((count) => count + 1);
    await refetch();
    return { ok: true };
  });
  const remove = async (comment: PromptComment) => {
    const answer = await call(removePromptComment, { project: scope.project, params: { ...params, comment: comment.id } });
    if (answer.ok) await refetch();
  };
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody className="flex flex-col gap-4">
        {data.items.length === 0 ? (
          <p className="text-ink-2">{text.none}</p>
        ) : (
          <ol className="flex flex-col gap-3.5" aria-label={text.title}>
            {data.items.map((comment) => (
              <CommentRow key={comment.id} comment={comment} onRemove={() => void remove(comment)} />
            ))}
          </ol>
        )}
        {data.nextCursor !== null && <p className="text-small text-ink-3">{text.more({ count: data.items.length })}</p>}
        {mayAct(scope, "registry:write") && (
          <form {...formProps} className="flex flex-col gap-2.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              <TextAreaField key={written} label={text.label} name="body" rows={2} />
            </FormProblemProvider>
            <div className="flex justify-end">
              <Button type="submit" size="sm" busy={busy} busyLabel={text.sending}>
                {text.submit}
              </Button>
            </div>
          </form>
        )}
      </CardBody>
    </Card>
  );
}

function CommentRow({ comment, onRemove }: { comment: PromptComment; onRemove: () => void }) {
  const text = useWords().prompts.comments;
  return (
    <li className="flex items-start gap-2.5">
      <Avatar name={comment.author} />
      <div className="min-w-0 flex-1">
        <p className="text-small text-ink-3">
          <b className="font-medium text-ink">{comment.author}</b>, <RelativeTime at={comment.createdAt} />
        </p>
        {comment.body === null ? (
          <p className="text-ink-3">{text.removed}</p>
        ) : (
          <p className="wrap-anywhere whitespace-pre-wrap">{comment.body}</p>
        )}
      </div>
      {comment.isOwn && comment.body !== null && (
        <IconButton label={text.remove({ at: comment.createdAt.slice(0, 16).replace("T", " ") })} onClick={onRemove}>
          <Undo2 aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
