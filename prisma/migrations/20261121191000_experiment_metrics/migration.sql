-- Guardrails and signals beside the primary metric.
ALTER TABLE "experiment" ADD COLUMN "others" JSONB NOT NULL DEFAULT '{"guardrails": [], "signals": []}';
-- All metrics and checks of the look that the point was drawn from.
ALTER TABLE "experiment_point" ADD COLUMN "look" JSONB;

-- An A/A test compares a thing with itself, and nothing else may.
ALTER TABLE "experiment" DROP CONSTRAINT "experiment_two_arms";
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_two_arms" CHECK
  (("control_release_id" <> "treatment_release_id" OR "control_variant_id" IS DISTINCT FROM "treatment_variant_id")
    <> COALESCE(("plan"->>'isAa')::boolean, false));

CREATE OR REPLACE FUNCTION check_experiment_move() RETURNS trigger LANGUAGE plpgsql AS $$
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
  IF OLD."state" <> 'draft' AND (NEW."name", NEW."hypothesis", NEW."metric", NEW."others", NEW."plan", NEW."plan_digest", NEW."started_at", NEW."endpoint_id",
      NEW."control_release_id", NEW."control_variant_id", NEW."control_bps", NEW."treatment_release_id", NEW."treatment_variant_id", NEW."treatment_bps")
    IS DISTINCT FROM (OLD."name", OLD."hypothesis", OLD."metric", OLD."others", OLD."plan", OLD."plan_digest", OLD."started_at", OLD."endpoint_id",
      OLD."control_release_id", OLD."control_variant_id", OLD."control_bps", OLD."treatment_release_id", OLD."treatment_variant_id", OLD."treatment_bps") THEN
    RAISE EXCEPTION 'the plan of experiment % is frozen', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

-- What each subject of an arm did on each day: written in the ingest's transaction by lib/domain/scores, read by the analysis.
CREATE TABLE usage.experiment_subject (
  experiment_id uuid NOT NULL,
  arm_name text NOT NULL,
  subject text NOT NULL,
  day date NOT NULL,
  requests bigint NOT NULL,
  -- Answered by another variant than the assigned one, or by a store.
  elsewhere bigint NOT NULL,
  fallbacks bigint NOT NULL,
  judged bigint NOT NULL,
  errors bigint NOT NULL,
  refused bigint NOT NULL,
  blocked bigint NOT NULL,
  priced bigint NOT NULL,
  cost_usd numeric NOT NULL,
  input_tokens numeric NOT NULL,
  output_tokens numeric NOT NULL,
  timed bigint NOT NULL,
  total_ms numeric NOT NULL,
  ttft_timed bigint NOT NULL,
  ttft_ms numeric NOT NULL,
  tpot_timed bigint NOT NULL,
  tpot_ms numeric NOT NULL,
  PRIMARY KEY (experiment_id, arm_name, subject, day)
);

-- Finds an experiment's raw events when its evidence is computed anew.
CREATE INDEX event_experiment ON usage.event (experiment_id) WHERE experiment_id IS NOT NULL;

INSERT INTO usage.experiment_subject (experiment_id, arm_name, subject, day, requests, elsewhere, fallbacks, judged, errors, refused, blocked,
  priced, cost_usd, input_tokens, output_tokens, timed, total_ms, ttft_timed, ttft_ms, tpot_timed, tpot_ms)
SELECT e.experiment_id, e.arm_name, coalesce(e.subject_hash, e.request_id::text), e.event_day, count(*),
  count(*) FILTER (WHERE e.cache = 'hit' OR e.served_variant_id <> e.variant_id),
  count(*) FILTER (WHERE e.served_variant_id <> e.variant_id),
  count(*) FILTER (WHERE e.outcome IN ('complete', 'failed', 'cut')),
  count(*) FILTER (WHERE e.outcome IN ('failed', 'cut')),
  count(*) FILTER (WHERE e.outcome = 'refused'),
  count(*) FILTER (WHERE e.outcome = 'blocked'),
  count(e.cost_usd), coalesce(sum(e.cost_usd), 0), sum(e.input_tokens), sum(e.output_tokens),
  count(*) FILTER (WHERE e.outcome = 'complete' AND e.cache <> 'hit'),
  coalesce(sum(round(e.total_ms::numeric, 6)) FILTER (WHERE e.outcome = 'complete' AND e.cache <> 'hit'), 0),
  count(e.ttft_ms) FILTER (WHERE e.outcome = 'complete' AND e.cache <> 'hit'),
  coalesce(sum(round(e.ttft_ms::numeric, 6)) FILTER (WHERE e.outcome = 'complete' AND e.cache <> 'hit'), 0),
  count(e.tpot_ms) FILTER (WHERE e.outcome = 'complete' AND e.cache <> 'hit'),
  coalesce(sum(round(e.tpot_ms::numeric, 6)) FILTER (WHERE e.outcome = 'complete' AND e.cache <> 'hit'), 0)
FROM usage.event e WHERE e.experiment_id IS NOT NULL AND e.arm_name IN ('control', 'treatment') GROUP BY 1, 2, 3, 4;

-- Whether the writer of a row (its xmin) was seen by a snapshot. Right for two thousand million transactions after the row was written;
-- a logical restore writes rows anew, and none of them was seen by a snapshot from before.
CREATE FUNCTION usage.was_visible(writer xid, seen pg_snapshot) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT pg_visible_in_snapshot((CASE
    WHEN writer::text::bigint <= (now_id & 4294967295) THEN (now_id - (now_id & 4294967295)) + writer::text::bigint
    ELSE (now_id - (now_id & 4294967295)) - 4294967296 + writer::text::bigint END)::text::xid8, seen)
  FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS now_id) AS clock
$$;
