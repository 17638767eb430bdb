-- How a release's answers are stored and given again (null: not at all), and how often an endpoint's stored answers were given up.
ALTER TABLE "release" ADD COLUMN "cache" JSONB;
ALTER TABLE "endpoint" ADD COLUMN "cache_purges" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "cache_purged_at" TIMESTAMPTZ(3);
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_cache_purges_have_a_time"
  CHECK ("cache_purges" >= 0 AND ("cache_purges" = 0) = ("cache_purged_at" IS NULL));

-- What a stored answer saved: null on every other request, and where the model has no price.
ALTER TABLE usage.event ADD COLUMN saved_usd numeric(38, 18);
ALTER TABLE usage.rollup ADD COLUMN cache_misses bigint NOT NULL DEFAULT 0, ADD COLUMN saved_usd numeric(38, 18) NOT NULL DEFAULT 0;
