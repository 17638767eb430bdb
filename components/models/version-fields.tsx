"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { DERIVATIONS, type ModelVersion, type ModelVersionLine } from "@/lib/domain/registry/api";
import { ARCHITECTURE_PARTS } from "./read-version";

export type Architecture = ModelVersion["architecture"];

export function LineageFields({ newest }: { newest: ModelVersionLine | null }) {
  const text = useWords().models.form;
  return (
    <Card>
      <CardHead title={text.lineage} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <TextField
          label={text.repository}
          name="repository"
          pointer="/lineage/repository"
          optional
          defaultValue={newest?.lineage.repository ?? ""}
        />
        <TextField label={text.gitCommit} name="gitCommit" pointer="/lineage/gitCommit" optional spellCheck={false} />
        <TextField label={text.datasetVersion} name="datasetVersion" pointer="/lineage/datasetVersion" optional />
        <TextField label={text.trainingRunUrl} name="trainingRunUrl" pointer="/lineage/trainingRunUrl" optional inputMode="url" />
        <TextField
          label={text.imageDigest}
          name="imageDigest"
          pointer="/lineage/imageDigest"
          optional
          spellCheck={false}
          className="md:col-span-2"
        />
      </CardBody>
    </Card>
  );
}

/** A version made of another one: by default nothing is filled in, since it is a claim about this version alone. */
export function DerivedFields({ model, newest }: { model: string; newest: ModelVersionLine | null }) {
  const words = useWords();
  const text = words.models.form;
  return (
    <Card>
      <CardHead title={text.derived} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <SelectField
          label={text.method}
          name="method"
          pointer="/derivedFrom/method"
          options={[{ value: "", label: text.notDerived }, ...DERIVATIONS.map((value) => ({ value, label: words.models.methods[value] }))]}
        />
        <TextField
          label={text.gpuArchitecture}
          name="gpuArchitecture"
          pointer="/derivedFrom/gpuArchitecture"
          hint={text.gpuHint}
          optional
          spellCheck={false}
        />
        <TextField
          label={text.derivedModel}
          name="derivedModel"
          pointer="/derivedFrom/model"
          optional
          defaultValue={model}
          spellCheck={false}
        />
        <TextField
          label={text.derivedVersion}
          name="derivedVersion"
          pointer="/derivedFrom/version"
          optional
          inputMode="numeric"
          defaultValue={newest?.number ?? ""}
        />
      </CardBody>
    </Card>
  );
}

export function ArchitectureFields({ newest }: { newest: Architecture | null }) {
  const words = useWords();
  const text = words.models.form;
  return (
    <Card>
      <CardHead title={text.architecture} sub={text.architectureSub} />
      <CardBody className="grid grid-cols-2 gap-3.5 md:grid-cols-3">
        {ARCHITECTURE_PARTS.map((part) => (
          <TextField
            key={part}
            label={words.models.architecture[part]}
            name={part}
            pointer={`/architecture/${part}`}
            inputMode="numeric"
            optional
            defaultValue={newest?.[part] ?? ""}
          />
        ))}
      </CardBody>
    </Card>
  );
}

export function SignatureFields() {
  const text = useWords().models.form;
  return (
    <Card>
      <CardHead title={text.signature} sub={text.signatureSub} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <TextAreaField label={text.inputSchema} name="inputSchema" pointer="/signature/input" rows={6} optional mono spellCheck={false} />
        <TextAreaField
          label={text.outputSchema}
          name="outputSchema"
          pointer="/signature/output"
          rows={6}
          optional
          mono
          spellCheck={false}
        />
      </CardBody>
    </Card>
  );
}
