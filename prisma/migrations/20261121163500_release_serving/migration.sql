-- How a release's backends are called, and how a variant's requests are spread and fall back. '{}' is the installation's default.
ALTER TABLE "release" ADD COLUMN "calls" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "release_variant" ADD COLUMN "serving" JSONB NOT NULL DEFAULT '{}';
