-- CreateTable
CREATE TABLE "experiment" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hypothesis" TEXT NOT NULL,
    "metric" JSONB NOT NULL,
    "plan" JSONB NOT NULL,
    "control_release_id" TEXT NOT NULL,
    "control_variant_id" TEXT,
    "control_bps" INTEGER NOT NULL,
    "treatment_release_id" TEXT NOT NULL,
    "treatment_variant_id" TEXT,
    "treatment_bps" INTEGER NOT NULL,
    "plan_digest" TEXT,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "judge" JSONB,
    "started_at" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),
    "concluded_at" TIMESTAMPTZ(3),
    "decision" TEXT,
    "decision_reason" TEXT,
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "experiment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "experiment_event" (
    "experiment_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "details" JSONB NOT NULL,

    CONSTRAINT "experiment_event_pkey" PRIMARY KEY ("experiment_id","epoch")
);

-- CreateTable
CREATE TABLE "experiment_point" (
    "experiment_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "control_subjects" INTEGER NOT NULL,
    "treatment_subjects" INTEGER NOT NULL,
    "lift_ratio" DOUBLE PRECISION,
    "lift_low" DOUBLE PRECISION,
    "lift_high" DOUBLE PRECISION,
    "p_value" DOUBLE PRECISION,

    CONSTRAINT "experiment_point_pkey" PRIMARY KEY ("experiment_id","at")
);

-- CreateTable
CREATE TABLE "experiment_evidence" (
    "experiment_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "digest" TEXT NOT NULL,
    "content" JSONB NOT NULL,

    CONSTRAINT "experiment_evidence_pkey" PRIMARY KEY ("experiment_id")
);

-- CreateTable
CREATE TABLE "traffic_claim" (
    "endpoint_id" TEXT NOT NULL,
    "rollout_id" TEXT,
    "experiment_id" TEXT,

    CONSTRAINT "traffic_claim_pkey" PRIMARY KEY ("endpoint_id")
);

-- CreateIndex
CREATE INDEX "experiment_endpoint_id_created_at_idx" ON "experiment"("endpoint_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "experiment_project_id_number_key" ON "experiment"("project_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "traffic_claim_rollout_id_key" ON "traffic_claim"("rollout_id");

-- CreateIndex
CREATE UNIQUE INDEX "traffic_claim_experiment_id_key" ON "traffic_claim"("experiment_id");

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_control_release_id_fkey" FOREIGN KEY ("control_release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_control_variant_id_fkey" FOREIGN KEY ("control_variant_id") REFERENCES "release_variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_treatment_release_id_fkey" FOREIGN KEY ("treatment_release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_treatment_variant_id_fkey" FOREIGN KEY ("treatment_variant_id") REFERENCES "release_variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_event" ADD CONSTRAINT "experiment_event_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_point" ADD CONSTRAINT "experiment_point_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_evidence" ADD CONSTRAINT "experiment_evidence_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "traffic_claim" ADD CONSTRAINT "traffic_claim_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "traffic_claim" ADD CONSTRAINT "traffic_claim_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollout"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "traffic_claim" ADD CONSTRAINT "traffic_claim_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── what Prisma cannot say ──────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE "experiment" ADD CONSTRAINT "experiment_state_known" CHECK ("state" IN ('draft', 'running', 'stopped', 'concluded'));
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_shares" CHECK ("control_bps" >= 1 AND "treatment_bps" >= 1 AND "control_bps" + "treatment_bps" <= 10000);
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_two_arms" CHECK
  ("control_release_id" <> "treatment_release_id" OR "control_variant_id" IS DISTINCT FROM "treatment_variant_id");
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_started_whole" CHECK
  (("state" = 'draft') = ("started_at" IS NULL) AND ("started_at" IS NULL) = ("plan_digest" IS NULL));
-- The waiting state has a deadline, the others have none.
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_runs_with_deadline" CHECK (("state" = 'running') = ("deadline_at" IS NOT NULL));
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_stops_once" CHECK (("state" IN ('stopped', 'concluded')) = ("stopped_at" IS NOT NULL));
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_concluded_with_decision" CHECK
  (("state" = 'concluded') = ("concluded_at" IS NOT NULL) AND ("concluded_at" IS NULL) = ("decision" IS NULL) AND ("decision" IS NULL) = ("decision_reason" IS NULL));
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_decision_known" CHECK ("decision" IN ('deploy_treatment', 'keep_control', 'no_decision'));

CREATE TRIGGER experiment_event_immutable BEFORE UPDATE ON "experiment_event" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER experiment_point_immutable BEFORE UPDATE ON "experiment_point" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER experiment_evidence_immutable BEFORE UPDATE ON "experiment_evidence" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An experiment's releases are of its endpoint, its variants of their releases.
CREATE FUNCTION check_experiment_arms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "release" WHERE "endpoint_id" <> NEW."endpoint_id" AND "id" IN (NEW."control_release_id", NEW."treatment_release_id")) THEN
    RAISE EXCEPTION 'the releases of experiment % are not of its endpoint', NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."control_variant_id" IS NOT NULL AND NOT EXISTS
      (SELECT 1 FROM "release_variant" WHERE "id" = NEW."control_variant_id" AND "release_id" = NEW."control_release_id"))
    OR (NEW."treatment_variant_id" IS NOT NULL AND NOT EXISTS
      (SELECT 1 FROM "release_variant" WHERE "id" = NEW."treatment_variant_id" AND "release_id" = NEW."treatment_release_id")) THEN
    RAISE EXCEPTION 'a variant of experiment % is not of its release', NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER experiment_arms_of_its_own BEFORE INSERT OR UPDATE OF "endpoint_id", "control_release_id", "control_variant_id", "treatment_release_id", "treatment_variant_id"
  ON "experiment" FOR EACH ROW EXECUTE FUNCTION check_experiment_arms();

-- The legal moves, as in lib/domain/experiments/rules/states.ts; a concluded experiment absorbs; the epoch only grows, by one.
CREATE FUNCTION check_experiment_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" = 'concluded' THEN
    RAISE EXCEPTION 'experiment % is concluded', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."epoch" <> OLD."epoch" + 1 THEN
    RAISE EXCEPTION 'experiment % moves from epoch % to % at once', OLD."id", OLD."epoch", NEW."epoch" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."state" <> OLD."state" AND NOT (NEW."state" = ANY (CASE OLD."state"
    WHEN 'draft' THEN ARRAY['running']
    WHEN 'running' THEN ARRAY['stopped', 'concluded']
    WHEN 'stopped' THEN ARRAY['concluded']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'experiment % cannot go from % to %', OLD."id", OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."state" <> 'draft' AND (NEW."name", NEW."hypothesis", NEW."metric", NEW."plan", NEW."plan_digest", NEW."started_at", NEW."endpoint_id",
      NEW."control_release_id", NEW."control_variant_id", NEW."control_bps", NEW."treatment_release_id", NEW."treatment_variant_id", NEW."treatment_bps")
    IS DISTINCT FROM (OLD."name", OLD."hypothesis", OLD."metric", OLD."plan", OLD."plan_digest", OLD."started_at", OLD."endpoint_id",
      OLD."control_release_id", OLD."control_variant_id", OLD."control_bps", OLD."treatment_release_id", OLD."treatment_variant_id", OLD."treatment_bps") THEN
    RAISE EXCEPTION 'the plan of experiment % is frozen', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER experiment_move_legal BEFORE UPDATE ON "experiment" FOR EACH ROW EXECUTE FUNCTION check_experiment_move();

-- ── one mover an endpoint ───────────────────────────────────────────────────────────────────────────────────────────
-- At most one rollout or running experiment moves an endpoint's traffic: whoever comes second meets the claim's primary key.
ALTER TABLE "traffic_claim" ADD CONSTRAINT "traffic_claim_one_holder" CHECK (num_nonnulls("rollout_id", "experiment_id") = 1);

CREATE FUNCTION claim_traffic_for_rollout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" IN ('promoted', 'rolled_back', 'aborted') THEN
    DELETE FROM "traffic_claim" WHERE "rollout_id" = NEW."id";
  ELSE
    INSERT INTO "traffic_claim" ("endpoint_id", "rollout_id") VALUES (NEW."endpoint_id", NEW."id") ON CONFLICT ("rollout_id") DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER rollout_claims_traffic AFTER INSERT OR UPDATE OF "state" ON "rollout" FOR EACH ROW EXECUTE FUNCTION claim_traffic_for_rollout();

CREATE FUNCTION claim_traffic_for_experiment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" = 'running' THEN
    INSERT INTO "traffic_claim" ("endpoint_id", "experiment_id") VALUES (NEW."endpoint_id", NEW."id") ON CONFLICT ("experiment_id") DO NOTHING;
  ELSE
    DELETE FROM "traffic_claim" WHERE "experiment_id" = NEW."id";
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER experiment_claims_traffic AFTER INSERT OR UPDATE OF "state" ON "experiment" FOR EACH ROW EXECUTE FUNCTION claim_traffic_for_experiment();

INSERT INTO "traffic_claim" ("endpoint_id", "rollout_id") SELECT "endpoint_id", "id" FROM "rollout" WHERE "state" NOT IN ('promoted', 'rolled_back', 'aborted');

-- While an experiment runs the release under its control arm stays.
CREATE FUNCTION check_release_during_experiment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."active_release_id" IS DISTINCT FROM OLD."active_release_id"
    AND EXISTS (SELECT 1 FROM "traffic_claim" WHERE "endpoint_id" = NEW."id" AND "experiment_id" IS NOT NULL) THEN
    RAISE EXCEPTION 'an experiment runs on endpoint %', NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER endpoint_release_stays_during_experiment BEFORE UPDATE OF "active_release_id" ON "endpoint"
  FOR EACH ROW EXECUTE FUNCTION check_release_during_experiment();

-- ── scores ──────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Written by lib/domain/scores with plain SQL. Values are exact decimals, so that sums do not depend on the order of anything.

-- A project's own row: what another project posts for the same request id is unknown there and stays so.
CREATE TABLE usage.score (
  project_id uuid NOT NULL,
  request_id uuid NOT NULL,
  metric text NOT NULL,
  evaluator text NOT NULL,
  value numeric(46, 30) NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  posted_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  state text NOT NULL,
  -- From when the wait for the request's event is counted.
  waiting_since timestamptz(3) NOT NULL,
  -- The event that it was joined to, and what that says; experiment and arm are null where the request was in none.
  event_day date,
  endpoint_id uuid,
  release_id uuid,
  variant_id uuid,
  experiment_id uuid,
  arm_name text,
  subject text,
  CONSTRAINT score_pkey PRIMARY KEY (project_id, request_id, metric, evaluator),
  CONSTRAINT score_state_known CHECK (state IN ('pending', 'joined', 'set_aside')),
  CONSTRAINT score_joined_whole CHECK ((state = 'joined') = (event_day IS NOT NULL) AND (event_day IS NULL) = (subject IS NULL)),
  CONSTRAINT score_arm_of_experiment CHECK ((experiment_id IS NULL) = (arm_name IS NULL) AND (experiment_id IS NULL OR event_day IS NOT NULL)),
  CONSTRAINT score_finite CHECK (abs(value) <= 1e15)
);
CREATE INDEX score_pending ON usage.score (request_id) WHERE state = 'pending';
CREATE INDEX score_waiting ON usage.score (waiting_since) WHERE state = 'pending';
CREATE INDEX score_unjoined ON usage.score (project_id, metric, evaluator, state) WHERE state <> 'joined';
CREATE INDEX score_newest ON usage.score (project_id, changed_at DESC, request_id DESC);
CREATE INDEX score_experiment ON usage.score (experiment_id, metric, evaluator) WHERE experiment_id IS NOT NULL;

-- Values that another one replaced.
CREATE TABLE usage.score_history (
  project_id uuid NOT NULL,
  request_id uuid NOT NULL,
  metric text NOT NULL,
  evaluator text NOT NULL,
  revision integer NOT NULL,
  value numeric(46, 30) NOT NULL,
  posted_at timestamptz(3) NOT NULL,
  replaced_at timestamptz(3) NOT NULL,
  CONSTRAINT score_history_pkey PRIMARY KEY (project_id, request_id, metric, evaluator, revision),
  CONSTRAINT score_history_of_score FOREIGN KEY (project_id, request_id, metric, evaluator)
    REFERENCES usage.score (project_id, request_id, metric, evaluator) ON DELETE CASCADE
);

-- What each subject of an arm was scored, summed.
CREATE TABLE usage.score_subject (
  experiment_id uuid NOT NULL,
  metric text NOT NULL,
  evaluator text NOT NULL,
  arm_name text NOT NULL,
  subject text NOT NULL,
  scores bigint NOT NULL CHECK (scores >= 0),
  total numeric(60, 30) NOT NULL,
  CONSTRAINT score_subject_pkey PRIMARY KEY (experiment_id, metric, evaluator, arm_name, subject)
);

-- Count, sum and sum of squares of the subjects' means: exact, so that adding and taking away in any order gives the same.
CREATE TABLE usage.score_arm (
  experiment_id uuid NOT NULL,
  metric text NOT NULL,
  evaluator text NOT NULL,
  arm_name text NOT NULL,
  subjects bigint NOT NULL DEFAULT 0 CHECK (subjects >= 0),
  scores bigint NOT NULL DEFAULT 0 CHECK (scores >= subjects),
  mean_sum numeric NOT NULL DEFAULT 0,
  mean_square_sum numeric NOT NULL DEFAULT 0 CHECK (mean_square_sum >= 0),
  CONSTRAINT score_arm_pkey PRIMARY KEY (experiment_id, metric, evaluator, arm_name)
);

-- A subject's mean to 30 decimals. Always the same for the same total: the division's scale follows from the fixed one of its input.
CREATE FUNCTION usage.subject_mean(total numeric, scores bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN scores = 0 THEN 0 ELSE round(total::numeric(60, 30) / scores, 30) END $$;

-- The UTC day inside a request id: the first 48 bits of a UUIDv7 are its Unix milliseconds.
CREATE FUNCTION usage.day_of_request(request_id uuid) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (to_timestamp(('x' || substr(replace(request_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC')::date $$;
