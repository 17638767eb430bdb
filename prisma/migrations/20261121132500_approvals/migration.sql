-- AlterTable
ALTER TABLE "prompt_label_move" ADD COLUMN     "actor_id" TEXT NOT NULL DEFAULT 'unknown',
ADD COLUMN     "actor_kind" TEXT NOT NULL DEFAULT 'unknown',
ADD COLUMN     "approval_id" TEXT,
ADD COLUMN     "valid_from" TIMESTAMPTZ(3);
-- What was written before was true from when it was written.
ALTER TABLE "prompt_label_move" DISABLE TRIGGER "prompt_label_move_immutable";
UPDATE "prompt_label_move" SET "valid_from" = "at";
ALTER TABLE "prompt_label_move" ENABLE TRIGGER "prompt_label_move_immutable";
ALTER TABLE "prompt_label_move" ALTER COLUMN "valid_from" SET NOT NULL;

-- CreateTable
CREATE TABLE "model_alias" (
    "model_id" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "moved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_alias_pkey" PRIMARY KEY ("model_id","alias")
);

-- CreateTable
CREATE TABLE "model_alias_move" (
    "model_id" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "from_version_id" TEXT,
    "to_version_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL DEFAULT 'unknown',
    "actor_id" TEXT NOT NULL DEFAULT 'unknown',
    "actor_name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "approval_id" TEXT,

    CONSTRAINT "model_alias_move_pkey" PRIMARY KEY ("model_id","alias","revision")
);

-- CreateTable
CREATE TABLE "protected_names" (
    "project_id" TEXT NOT NULL,
    "names" TEXT[],
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "protected_names_pkey" PRIMARY KEY ("project_id")
);

-- CreateTable
CREATE TABLE "approval_policy" (
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "approvals" INTEGER NOT NULL,
    "least_role" TEXT NOT NULL,
    "expiry_hours" INTEGER NOT NULL,
    "required_checks" TEXT[],
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approval_policy_pkey" PRIMARY KEY ("project_id","environment_name")
);

-- CreateTable
CREATE TABLE "approval" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "subject" JSONB NOT NULL,
    "subject_id" TEXT NOT NULL,
    "target_id" TEXT,
    "title" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "execution" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "required_approvals" INTEGER NOT NULL,
    "least_role" TEXT NOT NULL,
    "contributor_ids" TEXT[],
    "requested_by_kind" TEXT NOT NULL,
    "requested_by_id" TEXT NOT NULL,
    "requested_by_name" TEXT NOT NULL,
    "requester_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "differences" TEXT[],
    "executed_tx" TEXT,
    "break_glass_by_id" TEXT,
    "break_glass_by_name" TEXT,
    "break_glass_reason" TEXT,
    "reviewed_by_id" TEXT,
    "reviewed_by_name" TEXT,
    "reviewed_at" TIMESTAMPTZ(3),
    "review_note" TEXT,

    CONSTRAINT "approval_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "approval_decision" (
    "approval_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "user_name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "approval_decision_pkey" PRIMARY KEY ("approval_id","user_id","digest")
);

-- CreateIndex
CREATE INDEX "approval_project_id_state_idx" ON "approval"("project_id", "state");

-- CreateIndex
CREATE INDEX "approval_project_id_subject_id_idx" ON "approval"("project_id", "subject_id");

-- CreateIndex
CREATE UNIQUE INDEX "approval_project_id_number_key" ON "approval"("project_id", "number");

-- AddForeignKey
ALTER TABLE "model_alias" ADD CONSTRAINT "model_alias_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_alias" ADD CONSTRAINT "model_alias_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_alias_move" ADD CONSTRAINT "model_alias_move_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "protected_names" ADD CONSTRAINT "protected_names_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_policy" ADD CONSTRAINT "approval_policy_project_id_environment_name_fkey" FOREIGN KEY ("project_id", "environment_name") REFERENCES "environment"("project_id", "name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_decision" ADD CONSTRAINT "approval_decision_approval_id_fkey" FOREIGN KEY ("approval_id") REFERENCES "approval"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── what the rows may hold ──
ALTER TABLE "approval" ADD CONSTRAINT "approval_state_known" CHECK ("state" IN
  ('pending', 'approved', 'executed', 'rejected', 'expired', 'void', 'cancelled'));
ALTER TABLE "approval" ADD CONSTRAINT "approval_execution_known" CHECK ("execution" IN ('on_approval', 'on_call'));
-- The digest is that of exactly what is shown.
ALTER TABLE "approval" ADD CONSTRAINT "approval_digest_of_content"
  CHECK ("digest" = encode(sha256(convert_to("content", 'UTF8')), 'hex'));
ALTER TABLE "approval" ADD CONSTRAINT "approval_ends_once" CHECK (("state" IN ('pending', 'approved')) = ("ended_at" IS NULL));
ALTER TABLE "approval" ADD CONSTRAINT "approval_needs_somebody" CHECK ("required_approvals" BETWEEN 1 AND 10);
ALTER TABLE "approval" ADD CONSTRAINT "approval_author_is_contributor" CHECK ("requester_id" = ANY ("contributor_ids"));
ALTER TABLE "approval" ADD CONSTRAINT "approval_role_known" CHECK ("least_role" IN ('engineer', 'approver', 'admin'));
ALTER TABLE "approval" ADD CONSTRAINT "approval_break_glass_whole" CHECK (
  ("break_glass_by_id" IS NULL) = ("break_glass_reason" IS NULL) AND ("break_glass_by_id" IS NULL OR "state" = 'executed'));
ALTER TABLE "approval" ADD CONSTRAINT "approval_reviewed_by_another" CHECK (
  ("reviewed_at" IS NULL) = ("reviewed_by_id" IS NULL) AND ("reviewed_by_id" IS NULL OR "break_glass_by_id" IS NOT NULL)
  AND ("reviewed_by_id" IS NULL OR ("reviewed_by_id" <> "break_glass_by_id" AND "reviewed_by_id" <> "requester_id")));
ALTER TABLE "approval_decision" ADD CONSTRAINT "approval_decision_verdict_known" CHECK ("verdict" IN ('approve', 'reject'));
ALTER TABLE "approval_policy" ADD CONSTRAINT "approval_policy_sane" CHECK (
  "approvals" BETWEEN 1 AND 10 AND "expiry_hours" BETWEEN 1 AND 720 AND "least_role" IN ('approver', 'admin'));
ALTER TABLE "prompt_label_move" ADD CONSTRAINT "prompt_label_move_not_of_the_future" CHECK ("valid_from" <= "at");
ALTER TABLE "model_alias_move" ADD CONSTRAINT "model_alias_move_not_of_the_future" CHECK ("valid_from" <= "at");
CREATE INDEX "approval_open" ON "approval" ("expires_at") WHERE "state" IN ('pending', 'approved');
CREATE INDEX "approval_to_review" ON "approval" ("project_id") WHERE "break_glass_by_id" IS NOT NULL AND "reviewed_at" IS NULL;

-- ── the legal moves of an approval, as in lib/domain/approvals/rules/states.ts; an ended one absorbs ──
CREATE FUNCTION check_approval_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" <> 'pending' OR NEW."epoch" <> 1 OR NEW."break_glass_by_id" IS NOT NULL OR NEW."executed_tx" IS NOT NULL THEN
    RAISE EXCEPTION 'approval % does not begin as pending', NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_begins_pending BEFORE INSERT ON "approval" FOR EACH ROW EXECUTE FUNCTION check_approval_new();

CREATE FUNCTION check_approval_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE given integer;
BEGIN
  IF NEW."epoch" <> OLD."epoch" + 1 THEN
    RAISE EXCEPTION 'approval % moves from epoch % to % at once', OLD."id", OLD."epoch", NEW."epoch" USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."id", NEW."project_id", NEW."number", NEW."kind", NEW."environment_name", NEW."subject", NEW."subject_id", NEW."target_id", NEW."execution",
      NEW."reason", NEW."requester_id", NEW."requested_by_id", NEW."created_at", NEW."expires_at")
     IS DISTINCT FROM
     (OLD."id", OLD."project_id", OLD."number", OLD."kind", OLD."environment_name", OLD."subject", OLD."subject_id", OLD."target_id", OLD."execution",
      OLD."reason", OLD."requester_id", OLD."requested_by_id", OLD."created_at", OLD."expires_at") THEN
    RAISE EXCEPTION 'what approval % asks for is fixed', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  -- Evidence may join while it waits; from then on not a byte of what was shown changes.
  IF (OLD."state" <> 'pending' OR NEW."state" <> 'pending') AND
     (NEW."content", NEW."digest", NEW."contributor_ids", NEW."required_approvals", NEW."least_role")
     IS DISTINCT FROM (OLD."content", OLD."digest", OLD."contributor_ids", OLD."required_approvals", OLD."least_role") THEN
    RAISE EXCEPTION 'the content of approval % is fixed', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."state" NOT IN ('pending', 'approved') THEN
    IF NEW."state" <> OLD."state" OR NEW."ended_at" IS DISTINCT FROM OLD."ended_at" OR NEW."executed_tx" IS DISTINCT FROM OLD."executed_tx"
       OR NEW."break_glass_by_id" IS DISTINCT FROM OLD."break_glass_by_id" OR NEW."break_glass_reason" IS DISTINCT FROM OLD."break_glass_reason"
       OR OLD."reviewed_at" IS NOT NULL THEN
      RAISE EXCEPTION 'approval % is over (%)', OLD."id", OLD."state" USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW."state" <> OLD."state" AND NOT (NEW."state" = ANY (CASE OLD."state"
    WHEN 'pending' THEN ARRAY['approved', 'rejected', 'expired', 'void', 'cancelled'] ||
      CASE WHEN NEW."break_glass_by_id" IS NULL THEN ARRAY[]::text[] ELSE ARRAY['executed'] END
    WHEN 'approved' THEN ARRAY['executed', 'expired', 'void', 'cancelled']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'approval % cannot go from % to %', OLD."id", OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."state" = 'pending' AND NEW."state" = 'approved' THEN
    SELECT count(*) INTO given FROM "approval_decision" d
      WHERE d."approval_id" = NEW."id" AND d."digest" = NEW."digest" AND d."verdict" = 'approve' AND NOT d."user_id" = ANY (NEW."contributor_ids")
        AND array_position(ARRAY['viewer', 'engineer', 'approver', 'admin'], d."role")
          >= array_position(ARRAY['viewer', 'engineer', 'approver', 'admin'], NEW."least_role");
    IF given < NEW."required_approvals" THEN
      RAISE EXCEPTION 'approval % has % of % approvals', NEW."id", given, NEW."required_approvals" USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  IF NEW."state" = 'executed' THEN
    IF NEW."ended_at" > NEW."expires_at" THEN
      RAISE EXCEPTION 'approval % is expired', OLD."id" USING ERRCODE = 'restrict_violation';
    END IF;
    NEW."executed_tx" := pg_current_xact_id()::text;
  ELSE
    NEW."executed_tx" := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_move_legal BEFORE UPDATE ON "approval" FOR EACH ROW EXECUTE FUNCTION check_approval_move();

CREATE FUNCTION check_approval_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "approval" a WHERE a."id" = NEW."approval_id" AND a."state" = 'pending' AND a."digest" = NEW."digest") THEN
    RAISE EXCEPTION 'approval % does not wait for a decision on this content', NEW."approval_id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM "approval" a WHERE a."id" = NEW."approval_id" AND NEW."user_id" = ANY (a."contributor_ids")) THEN
    RAISE EXCEPTION 'nobody decides on their own work (approval %)', NEW."approval_id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_decision_by_another BEFORE INSERT ON "approval_decision" FOR EACH ROW EXECUTE FUNCTION check_approval_decision();
CREATE TRIGGER approval_decision_immutable BEFORE UPDATE ON "approval_decision" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- ── pointers: labels on prompt versions and aliases on model versions ──
CREATE FUNCTION check_alias_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "model_version" WHERE "id" = NEW."version_id" AND "model_id" = NEW."model_id") THEN
    RAISE EXCEPTION 'model version % is not of model %', NEW."version_id", NEW."model_id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER model_alias_names_its_own BEFORE INSERT OR UPDATE OF "version_id", "model_id" ON "model_alias"
  FOR EACH ROW EXECUTE FUNCTION check_alias_version();
CREATE TRIGGER model_alias_move_immutable BEFORE UPDATE ON "model_alias_move" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A protected pointer changes only in the transaction that executes an approval of exactly that target, whoever writes.
-- Arguments: the kind, the table of its owners, the column of the owner, the column of the name.
CREATE FUNCTION check_protected_pointer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  owner_id text := changed ->> TG_ARGV[2];
  pointer_name text := changed ->> TG_ARGV[3];
  target text := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE changed ->> 'version_id' END;
  project text;
BEGIN
  IF TG_OP = 'UPDATE' AND ((to_jsonb(OLD) ->> TG_ARGV[2]) <> owner_id OR (to_jsonb(OLD) ->> TG_ARGV[3]) <> pointer_name) THEN
    RAISE EXCEPTION 'a pointer keeps its name and its owner' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'UPDATE' AND (to_jsonb(OLD) ->> 'version_id') = target THEN RETURN NEW; END IF;
  EXECUTE format('SELECT project_id FROM %I WHERE id = $1', TG_ARGV[1]) INTO project USING owner_id;
  -- Its owner goes with everything that it has.
  IF project IS NULL THEN RETURN OLD; END IF;
  IF pointer_name = ANY (coalesce((SELECT "names" FROM "protected_names" WHERE "project_id" = project), ARRAY['production']))
    AND NOT EXISTS (
      SELECT 1 FROM "approval" a WHERE a."project_id" = project AND a."subject_id" = TG_ARGV[0] || ':' || owner_id || '/' || pointer_name
        AND a."target_id" IS NOT DISTINCT FROM target AND a."state" = 'executed' AND a."executed_tx" = pg_current_xact_id()::text) THEN
    RAISE EXCEPTION '% is protected: it moves with an approval of exactly this target', pointer_name USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER prompt_label_protected BEFORE INSERT OR UPDATE OR DELETE ON "prompt_label"
  FOR EACH ROW EXECUTE FUNCTION check_protected_pointer('prompt-label', 'prompt', 'prompt_id', 'label');
CREATE TRIGGER model_alias_protected BEFORE INSERT OR UPDATE OR DELETE ON "model_alias"
  FOR EACH ROW EXECUTE FUNCTION check_protected_pointer('model-alias', 'model', 'model_id', 'alias');

-- The history replays to the present state: checked when the transaction commits. Same arguments, and the table of the moves.
CREATE FUNCTION check_pointer_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  owner_id text := changed ->> TG_ARGV[2];
  pointer_name text := changed ->> TG_ARGV[3];
  is_owned boolean;
  now_version text;
  now_revision integer;
  last_version text;
  last_revision integer;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1)', TG_ARGV[1]) INTO is_owned USING owner_id;
  IF NOT is_owned THEN RETURN NULL; END IF;
  EXECUTE format('SELECT version_id, revision FROM %I WHERE %I = $1 AND %I = $2', TG_ARGV[0], TG_ARGV[2], TG_ARGV[3])
    INTO now_version, now_revision USING owner_id, pointer_name;
  EXECUTE format('SELECT to_version_id, revision FROM %I WHERE %I = $1 AND %I = $2 ORDER BY revision DESC LIMIT 1', TG_ARGV[0] || '_move', TG_ARGV[2], TG_ARGV[3])
    INTO last_version, last_revision USING owner_id, pointer_name;
  IF now_version IS DISTINCT FROM last_version OR (now_revision IS NOT NULL AND now_revision IS DISTINCT FROM last_revision) THEN
    RAISE EXCEPTION 'the history of % does not lead to where it is', pointer_name USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER prompt_label_as_its_history AFTER INSERT OR UPDATE OR DELETE ON "prompt_label" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_pointer_history('prompt_label', 'prompt', 'prompt_id', 'label');
CREATE CONSTRAINT TRIGGER prompt_label_move_leads_there AFTER INSERT OR DELETE ON "prompt_label_move" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_pointer_history('prompt_label', 'prompt', 'prompt_id', 'label');
CREATE CONSTRAINT TRIGGER model_alias_as_its_history AFTER INSERT OR UPDATE OR DELETE ON "model_alias" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_pointer_history('model_alias', 'model', 'model_id', 'alias');
CREATE CONSTRAINT TRIGGER model_alias_move_leads_there AFTER INSERT OR DELETE ON "model_alias_move" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_pointer_history('model_alias', 'model', 'model_id', 'alias');
