"use client";

import { Paperclip } from "lucide-react";
import { useState } from "react";
import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import { mayAct, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { CardList } from "@/components/ui/lists";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { type Approval, attachEvidence } from "@/lib/domain/approvals/api";

const looks = { pass: "pass", fail: "failed", info: "info" } as const;
const RESULTS = ["pass", "fail", "info"] as const;

type Props = { scope: Scope; approval: Approval; onChanged: () => void };

export function EvidenceCard({ scope, approval, onChanged }: Props) {
  const words = useWords();
  const text = words.approvals.evidence;
  const [open, setOpen] = useState(false);
  const { evidence } = approval.content;
  const may = approval.state === "pending" && mayAct(scope, "approval:request");
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={text.sub}
        right={
          may && (
            <Button size="sm" icon={<Paperclip aria-hidden />} onClick={() => setOpen(true)}>
              {text.attach}
            </Button>
          )
        }
      />
      {evidence.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <CardList label={text.title}>
          {evidence.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: evidence is only ever added at the end
            <li key={index}>
              <span className="flex flex-wrap items-baseline justify-between gap-x-3">
                <b className="font-[550]">{item.title}</b>
                <StateText state={looks[item.result]}>
                  {item.check === null ? text.results[item.result] : `${item.check}: ${text.results[item.result]}`}
                </StateText>
              </span>
              {item.summary !== "" && <p className="mt-1 whitespace-pre-wrap text-ink-2">{item.summary}</p>}
              {item.url !== null && (
                <a className="block wrap-anywhere underline" href={item.url} rel="noopener noreferrer" target="_blank">
                  {item.url}
                </a>
              )}
              <small className="block text-small text-ink-3">
                {text.by({ name: item.by.name })}, <RelativeTime at={item.at} />
              </small>
            </li>
          ))}
        </CardList>
      )}
      {open && <AttachDialog scope={scope} approval={approval} onChanged={onChanged} onClose={() => setOpen(false)} />}
    </Card>
  );
}

function AttachDialog({ scope, approval, onChanged, onClose }: Props & { onClose: () => void }) {
  const words = useWords();
  const toast = useToast();
  const text = words.approvals.evidence;
  return (
    <DialogFrame title={text.attach} about={text.about} onClose={onClose}>
      <DialogForm
        submitLabel={text.attach}
        busyLabel={text.attaching}
        onCancel={onClose}
        onSubmit={async (form) => {
          const written = (name: string) => String(form.get(name) ?? "").trim();
          const answer = await call(attachEvidence, {
            project: scope.project,
            params: { id: approval.id },
            body: {
              title: written("title"),
              check: written("check") || null,
              result: RESULTS.find((each) => each === written("result")) ?? "info",
              summary: written("summary"),
              url: written("url") || null,
            },
          });
          onChanged();
          if (!answer.ok) return answer;
          toast({ title: text.done });
          onClose();
          return answer;
        }}
      >
        <TextField label={text.name} name="title" autoComplete="off" />
        <TextField label={text.check} name="check" hint={text.checkHint} optional autoComplete="off" spellCheck={false} />
        <SelectField
          label={text.result}
          name="result"
          defaultValue="pass"
          options={RESULTS.map((each) => ({ value: each, label: text.results[each] }))}
        />
        <TextAreaField label={text.summary} name="summary" rows={3} optional />
        <TextField label={text.url} name="url" type="url" optional autoComplete="off" />
      </DialogForm>
    </DialogFrame>
  );
}
