-- An unreadable thing that comes again and again is kept once, with how often it came. Letters from before have no digest.
ALTER TABLE usage.dead_letter
  ADD COLUMN digest bytea,
  ADD COLUMN times bigint NOT NULL DEFAULT 1,
  ADD COLUMN last_at timestamptz(3) NOT NULL DEFAULT now(),
  ADD CONSTRAINT dead_letter_once UNIQUE (gateway_id, digest);

-- Both run with the owner's rights. The caller's temporary tables come last in their search path: unnamed, they would come first.
-- A day that already has rows in the default partition gets its own partition too, and its rows move there.
CREATE OR REPLACE FUNCTION usage.ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
  day date := first_day;
  name text;
  made integer := 0;
BEGIN
  IF last_day - first_day > 400 THEN RAISE EXCEPTION 'too many days at once'; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('usage.partitions', 0));
  WHILE day <= last_day LOOP
    name := 'event_' || to_char(day, 'YYYYMMDD');
    IF to_regclass('usage.' || name) IS NULL THEN
      -- Nobody may add to the default partition between the move and the attaching.
      LOCK TABLE usage.event_other IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('CREATE TABLE usage.%I (LIKE usage.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
      EXECUTE format('WITH moved AS (DELETE FROM usage.event_other WHERE event_day = %L RETURNING *) INSERT INTO usage.%I SELECT * FROM moved',
        day, name);
      EXECUTE format('ALTER TABLE usage.event ATTACH PARTITION usage.%I FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
      made := made + 1;
    END IF;
    day := day + 1;
  END LOOP;
  RETURN made;
END $$;

-- Rows of the default partition go when their day and their arrival are both that long ago: what came late is kept as long as the rest.
CREATE OR REPLACE FUNCTION usage.drop_partitions(before_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
  child record;
  dropped integer := 0;
BEGIN
  IF before_day > current_date - 1 THEN RAISE EXCEPTION 'only days that are over are dropped'; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('usage.partitions', 0));
  FOR child IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage.event'::regclass AND c.relname ~ '^event_\d{8}$' AND to_date(right(c.relname, 8), 'YYYYMMDD') < before_day
  LOOP
    EXECUTE format('DROP TABLE usage.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM usage.event_other WHERE event_day < before_day AND ingested_at < before_day;
  RETURN dropped;
END $$;
