-- AlterTable
ALTER TABLE "model_version_transition" ADD COLUMN     "approval_id" TEXT;

-- A version becomes approved only in the transaction that executes an approval of exactly that version, whoever writes.
CREATE OR REPLACE FUNCTION check_model_version_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."state" <> 'draft' OR NEW."revision" <> 1 THEN
      RAISE EXCEPTION 'model version % begins as a draft', NEW."version_id" USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW."version_id" <> OLD."version_id" OR NEW."revision" <> OLD."revision" + 1 THEN
    RAISE EXCEPTION 'model version % moves one step at a time', OLD."version_id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT (NEW."state" = ANY (CASE OLD."state"
    WHEN 'draft' THEN ARRAY['candidate', 'retired']
    WHEN 'candidate' THEN ARRAY['approved', 'retired']
    WHEN 'approved' THEN ARRAY['retired']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'model version % cannot go from % to %', OLD."version_id", OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."state" = 'approved' AND NOT EXISTS (
    SELECT 1 FROM "approval" a WHERE a."subject_id" = 'model-version-approval:' || NEW."version_id" AND a."target_id" = NEW."version_id"
      AND a."state" = 'executed' AND a."executed_tx" = pg_current_xact_id()::text) THEN
    RAISE EXCEPTION 'model version % becomes approved with an approval of exactly this version', NEW."version_id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

-- A protected alias begins to name only a version that is approved, and that stays approved until the transaction ends.
CREATE FUNCTION check_protected_alias_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  project text;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW."version_id" = OLD."version_id" THEN RETURN NEW; END IF;
  SELECT "project_id" INTO project FROM "model" WHERE "id" = NEW."model_id";
  IF NEW."alias" = ANY (coalesce((SELECT "names" FROM "protected_names" WHERE "project_id" = project), ARRAY['production'])) THEN
    PERFORM 1 FROM "model_version_state" WHERE "version_id" = NEW."version_id" AND "state" = 'approved' FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION '% is protected: it names only a version that is approved', NEW."alias" USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER model_alias_protected_version BEFORE INSERT OR UPDATE ON "model_alias"
  FOR EACH ROW EXECUTE FUNCTION check_protected_alias_version();
