-- How the content of an endpoint's requests is kept; null: not at all. No part of a release.
ALTER TABLE "endpoint" ADD COLUMN "content_capture" JSONB;
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_content_capture_is_whole" CHECK (
  "content_capture" IS NULL OR coalesce(
    ("content_capture"->>'sampleBps')::int BETWEEN 1 AND 10000
    AND ("content_capture"->>'maxBytes')::int BETWEEN 256 AND 65536
    AND ("content_capture"->>'retentionDays')::int BETWEEN 1 AND 90
    AND jsonb_typeof("content_capture"->'masks') = 'array', false));

-- What sampled requests asked and were answered, masked by the gateway and sealed under a key of the project's. Nothing else refers to it:
-- a row may go at any time.
CREATE TABLE usage.request_content (
  request_id text PRIMARY KEY,
  project_id text NOT NULL,
  endpoint_id text NOT NULL,
  at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > at AND expires_at <= at + interval '90 days'),
  -- HMAC of the person that the request named; null when it named none.
  subject_hash text,
  masked jsonb NOT NULL,
  sealed bytea NOT NULL CHECK (octet_length(sealed) <= 262144)
);
CREATE INDEX request_content_expiry ON usage.request_content (expires_at);
CREATE INDEX request_content_endpoint ON usage.request_content (endpoint_id);
CREATE INDEX request_content_subject ON usage.request_content (project_id, subject_hash) WHERE subject_hash IS NOT NULL;
