"use client";

import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import type { Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { CheckboxField, TextAreaField, TextField } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { type CaptureSettings, MASK_KINDS } from "@/lib/contracts/content";
import { type ContentCapture, putContentCapture } from "@/lib/domain/contents/api";

type Props = { scope: Scope; capture: ContentCapture; onClose: () => void; onDone: () => void };

const PROPOSED: CaptureSettings = { sampleBps: 100, maxBytes: 16_384, retentionDays: 7, masks: [...MASK_KINDS] };

const readNumber = (form: FormData, name: string): number => Number(String(form.get(name) ?? "").replaceAll(",", "") || Number.NaN);

/** Says plainly what will be kept, and asks for the reason. */
export function CaptureDialog({ scope, capture, onClose, onDone }: Props) {
  const words = useWords();
  const toast = useToast();
  const text = words.content;
  const name = capture.endpoint;
  const now = capture.capture ?? PROPOSED;
  const common = { inputMode: "numeric", autoComplete: "off" } as const;
  return (
    <DialogFrame title={text.titleOf({ name })} about={`${text.about} ${text.readers}`} onClose={onClose}>
      <DialogForm
        submitLabel={text.save}
        busyLabel={text.saving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const answer = await call(putContentCapture, {
            project: scope.project,
            params: { name },
            body: {
              environment: scope.environment,
              sampleBps: Math.round(readNumber(form, "percent") * 100),
              maxBytes: readNumber(form, "maxBytes"),
              retentionDays: readNumber(form, "retentionDays"),
              masks: MASK_KINDS.filter((kind) => form.get(`mask-${kind}`) !== null),
              reason: String(form.get("reason") ?? ""),
            },
            ifMatch: String(capture.version),
          });
          if (!answer.ok) return answer;
          toast({ title: text.saved({ name }) });
          onDone();
          onClose();
          return answer;
        }}
      >
        <TextField
          {...common}
          inputMode="decimal"
          label={text.percent}
          name="percent"
          pointer="/sampleBps"
          hint={text.percentHint}
          defaultValue={now.sampleBps / 100}
        />
        <div className="grid grid-cols-2 gap-3">
          <TextField {...common} label={text.bytes} name="maxBytes" hint={text.bytesHint} defaultValue={now.maxBytes} />
          <TextField {...common} label={text.retention} name="retentionDays" hint={text.retentionHint} defaultValue={now.retentionDays} />
        </div>
        <fieldset className="grid gap-2">
          <legend className="mb-1.5 text-small font-medium">{text.strike}</legend>
          {MASK_KINDS.map((kind) => (
            <CheckboxField key={kind} name={`mask-${kind}`} label={text.kinds[kind]} defaultChecked={now.masks.includes(kind)} />
          ))}
        </fieldset>
        <TextAreaField label={words.ui.reason} name="reason" rows={2} hint={words.ui.reasonNeeded({ min: 3 })} />
      </DialogForm>
    </DialogFrame>
  );
}
