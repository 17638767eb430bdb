-- What needs an approval in the environment; null: what its name asks for, protected as those of labels are.
ALTER TABLE "approval_policy" ADD COLUMN "guarded" JSONB;
ALTER TABLE "approval_policy" ADD CONSTRAINT "approval_policy_guarded_known" CHECK ("guarded" <@ '["experiment-start"]'::jsonb);

-- Who had a hand in the draft, beside who made it: none of them approves its start.
ALTER TABLE "experiment" ADD COLUMN "editors" JSONB NOT NULL DEFAULT '[]';
-- The approval that the start used up; null where none was needed.
ALTER TABLE "experiment" ADD COLUMN "start_approval_id" TEXT;

-- Where starts are guarded, an experiment starts only in the transaction that executes an approval of exactly its plan, whoever writes.
CREATE FUNCTION check_experiment_start() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  environment text;
BEGIN
  SELECT "environment_name" INTO environment FROM "endpoint" WHERE "id" = NEW."endpoint_id";
  IF coalesce(
      (SELECT "guarded" ? 'experiment-start' FROM "approval_policy" WHERE "project_id" = NEW."project_id" AND "environment_name" = environment),
      environment = ANY (coalesce((SELECT "names" FROM "protected_names" WHERE "project_id" = NEW."project_id"), ARRAY['production'])))
    AND NOT EXISTS (
      SELECT 1 FROM "approval" a WHERE a."id" = NEW."start_approval_id" AND a."project_id" = NEW."project_id"
        AND a."subject_id" = 'experiment-start:' || NEW."id" AND a."target_id" = NEW."plan_digest"
        AND a."state" = 'executed' AND a."executed_tx" = pg_current_xact_id()::text) THEN
    RAISE EXCEPTION 'experiment % starts with an approval of exactly its plan', NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER experiment_start_approved BEFORE UPDATE ON "experiment" FOR EACH ROW
  WHEN (OLD."state" = 'draft' AND NEW."state" = 'running') EXECUTE FUNCTION check_experiment_start();
