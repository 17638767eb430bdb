-- AlterTable
ALTER TABLE "gateway_key" ADD COLUMN     "max_concurrent" INTEGER,
ADD COLUMN     "requests_per_minute" INTEGER,
ADD COLUMN     "tokens_per_minute" INTEGER,
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "endpoint" ADD COLUMN     "max_concurrent" INTEGER,
ADD COLUMN     "requests_per_minute" INTEGER,
ADD COLUMN     "tokens_per_minute" INTEGER;

-- No limit is null: a limit of nothing would be an outage that looks like a setting.
ALTER TABLE "gateway_key" ADD CONSTRAINT "gateway_key_limits_above_nothing"
  CHECK ("requests_per_minute" > 0 AND "tokens_per_minute" > 0 AND "max_concurrent" > 0);
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_limits_above_nothing"
  CHECK ("requests_per_minute" > 0 AND "tokens_per_minute" > 0 AND "max_concurrent" > 0);
