CREATE TABLE "evaluation_set" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "last_number" INTEGER NOT NULL DEFAULT 0,
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluation_set_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "evaluation_case" (
    "id" TEXT NOT NULL,
    "set_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "messages" JSONB NOT NULL,
    "variables" JSONB NOT NULL,
    "expected" TEXT,
    "tags" TEXT[],
    "note" TEXT NOT NULL,
    "prompt_version_id" TEXT,
    "model_version_id" TEXT,
    "request_id" TEXT,
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "evaluation_case_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "evaluation_set_project_id_name_key" ON "evaluation_set"("project_id", "name");
CREATE UNIQUE INDEX "evaluation_case_set_id_number_key" ON "evaluation_case"("set_id", "number");
ALTER TABLE "evaluation_set" ADD CONSTRAINT "evaluation_set_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "evaluation_case" ADD CONSTRAINT "evaluation_case_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "evaluation_set"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "evaluation_case" ADD CONSTRAINT "evaluation_case_prompt_version_id_fkey" FOREIGN KEY ("prompt_version_id") REFERENCES "prompt_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "evaluation_case" ADD CONSTRAINT "evaluation_case_model_version_id_fkey" FOREIGN KEY ("model_version_id") REFERENCES "model_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A case is what it was when it was saved: it can only be taken out, once.
CREATE FUNCTION check_case_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."removed_at" IS NOT NULL AND NEW."removed_at" IS DISTINCT FROM OLD."removed_at" THEN
    RAISE EXCEPTION 'a case that was taken out stays out' USING ERRCODE = 'restrict_violation';
  END IF;
  IF (to_jsonb(NEW) - ARRAY['removed_at', 'prompt_version_id', 'model_version_id']) <> (to_jsonb(OLD) - ARRAY['removed_at', 'prompt_version_id', 'model_version_id'])
    OR (NEW."prompt_version_id" IS NOT NULL AND NEW."prompt_version_id" IS DISTINCT FROM OLD."prompt_version_id")
    OR (NEW."model_version_id" IS NOT NULL AND NEW."model_version_id" IS DISTINCT FROM OLD."model_version_id") THEN
    RAISE EXCEPTION 'an evaluation case does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER evaluation_case_immutable BEFORE UPDATE ON "evaluation_case" FOR EACH ROW EXECUTE FUNCTION check_case_change();
