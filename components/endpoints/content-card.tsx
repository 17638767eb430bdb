"use client";

import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useAnnounce } from "@/components/shell/announce";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { CheckboxField } from "@/components/ui/field";
import { DetailList } from "@/components/ui/key-facts";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import { type ContentCapture, deleteContentCapture } from "@/lib/domain/contents/api";
import { CaptureDialog } from "./capture-dialog";

type Props = { scope: Scope; capture: ContentCapture; onDone: () => void };

/** Whether the content of an endpoint's requests is kept, how much of it, and for how long. */
export function ContentCard({ scope, capture, onDone }: Props) {
  const words = useWords();
  const [open, setOpen] = useState<"none" | "change" | "end">("none");
  const text = words.content;
  const name = capture.endpoint;
  const may = mayAct(scope, "content:manage");
  return (
    <Card>
      <CardHead
        title={text.title}
        right={
          may && (
            <div className="flex gap-2">
              {capture.capture !== null && (
                <Button size="sm" variant="ghost" aria-label={text.endOf({ name })} onClick={() => setOpen("end")}>
                  {text.end}
                </Button>
              )}
              <Button size="sm" aria-label={text.changeOf({ name })} onClick={() => setOpen("change")}>
                {capture.capture === null ? text.setUp : text.change}
              </Button>
            </div>
          )
        }
      />
      <CardBody className="flex flex-col gap-3">
        {capture.capture === null && (
          <p className="text-ink-2">
            {text.off} {text.offAbout}
          </p>
        )}
        {(capture.capture !== null || capture.kept > 0) && <DetailList items={toDetails(capture, words)} />}
        {capture.capture !== null && <p className="text-small text-ink-3">{text.readers}</p>}
      </CardBody>
      {!may && <CardFoot>{text.needsRole({ role: words.nouns.roles[neededRole("content:manage")] })}</CardFoot>}
      {open === "change" && <CaptureDialog scope={scope} capture={capture} onClose={() => setOpen("none")} onDone={onDone} />}
      {open === "end" && <EndDialog scope={scope} capture={capture} onClose={() => setOpen("none")} onDone={onDone} />}
    </Card>
  );
}

function toDetails({ capture, kept }: ContentCapture, { content: text }: Words) {
  const now = { label: text.kept, value: text.keptOf({ count: formatNumber(kept) }) };
  if (capture === null) return [now];
  const kinds = capture.masks.map((kind) => text.kinds[kind]).join(", ");
  return [
    {
      label: text.sample,
      value: text.sampleOf({ share: formatPercent(capture.sampleBps / 10_000, { digits: capture.sampleBps % 100 === 0 ? 0 : 2 }) }),
    },
    { label: text.size, value: text.sizeOf({ bytes: formatNumber(capture.maxBytes) }) },
    { label: text.days, value: text.daysOf({ count: capture.retentionDays }) },
    { label: text.masks, value: kinds === "" ? text.masksNone : kinds },
    now,
  ];
}

function EndDialog({ scope, capture, onClose, onDone }: Props & { onClose: () => void }) {
  const words = useWords();
  const toast = useToast();
  const announce = useAnnounce();
  const [deletes, setDeletes] = useState(false);
  const text = words.content;
  const name = capture.endpoint;
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={text.endTitle({ name })}
      effect={text.endEffect}
      reason={{ min: 3 }}
      confirmLabel={text.end}
      busyLabel={text.ending}
      danger
      onConfirm={async (reason) => {
        const answer = await call(deleteContentCapture, {
          project: scope.project,
          params: { name },
          query: { environment: scope.environment, deleteKept: deletes ? "yes" : "no", reason },
          ifMatch: String(capture.version),
        });
        if (!answer.ok) return answer;
        announce(text.ended({ name }));
        toast({ title: text.ended({ name }) });
        onDone();
        return { ok: true };
      }}
    >
      {capture.kept > 0 && (
        <div className="mb-3">
          <CheckboxField
            label={text.endDelete}
            hint={text.keptOf({ count: formatNumber(capture.kept) })}
            checked={deletes}
            onCheckedChange={(checked) => setDeletes(checked === true)}
          />
        </div>
      )}
    </ConfirmDialog>
  );
}
