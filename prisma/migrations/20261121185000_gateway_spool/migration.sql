-- What a gateway says of its spool: state and reason, bound, age of the oldest record, losses. NULL: a gateway of before.
ALTER TABLE "gateway" ADD COLUMN "spool" JSONB;
