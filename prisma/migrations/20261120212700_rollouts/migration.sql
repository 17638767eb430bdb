-- One rollout at a time moves an endpoint's traffic.
CREATE UNIQUE INDEX "rollout_one_active" ON "rollout" ("endpoint_id") WHERE "state" NOT IN ('promoted', 'rolled_back', 'aborted');

ALTER TABLE "rollout" ADD CONSTRAINT "rollout_state_known" CHECK ("state" IN
  ('advancing', 'judging', 'paused', 'promoting', 'rolling_back', 'promoted', 'rolled_back', 'aborted'));
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_ends_once" CHECK (("state" IN ('promoted', 'rolled_back', 'aborted')) = ("ended_at" IS NOT NULL));
-- Every waiting state has a deadline.
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_waits_with_deadline" CHECK ("ended_at" IS NOT NULL OR "deadline_at" IS NOT NULL);
-- No traffic where none may be.
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_no_share_back" CHECK ("state" NOT IN ('rolling_back', 'rolled_back', 'aborted') OR "weight_bps" = 0);
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_promoted_whole" CHECK ("state" NOT IN ('promoting', 'promoted') OR "weight_bps" = 10000);

-- The legal moves, as in lib/domain/rollouts/rules/decide.ts; an ended rollout absorbs; the epoch only grows, by one.
CREATE FUNCTION check_rollout_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" IN ('promoted', 'rolled_back', 'aborted') THEN
    RAISE EXCEPTION 'rollout % is over (%)', OLD."id", OLD."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."epoch" <> OLD."epoch" + 1 THEN
    RAISE EXCEPTION 'rollout % moves from epoch % to % at once', OLD."id", OLD."epoch", NEW."epoch" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."state" <> OLD."state" AND NOT (NEW."state" = ANY (CASE OLD."state"
    WHEN 'advancing' THEN ARRAY['judging', 'paused', 'promoting', 'rolling_back']
    WHEN 'judging' THEN ARRAY['advancing', 'paused', 'promoting', 'rolling_back']
    WHEN 'paused' THEN ARRAY['advancing', 'promoting', 'rolling_back']
    WHEN 'promoting' THEN ARRAY['promoted', 'rolling_back']
    WHEN 'rolling_back' THEN ARRAY['rolled_back', 'aborted']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'rollout % cannot go from % to %', OLD."id", OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."plan" <> OLD."plan" OR NEW."from_release_id" <> OLD."from_release_id" OR NEW."to_release_id" <> OLD."to_release_id" THEN
    RAISE EXCEPTION 'the plan of rollout % is frozen', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rollout_move_legal BEFORE UPDATE ON "rollout" FOR EACH ROW EXECUTE FUNCTION check_rollout_move();
