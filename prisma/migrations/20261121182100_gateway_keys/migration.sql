-- What a gateway says of itself: the key-encryption keys that it opens stored keys with (their ids, never the keys), and since when it
-- refuses a newer configuration.
ALTER TABLE "gateway" ADD COLUMN "kek_ids" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "snapshot_alarm_since" TIMESTAMPTZ(3);
