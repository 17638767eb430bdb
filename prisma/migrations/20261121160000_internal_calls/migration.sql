-- A call of the control plane itself may ask a saved backend directly: it names no endpoint. Applications always name one.
ALTER TABLE usage.event ALTER COLUMN endpoint_id DROP NOT NULL;
-- NOT VALID: every row that is there has an endpoint, and the log is long.
ALTER TABLE usage.event ADD CONSTRAINT event_application_names_endpoint CHECK (endpoint_id IS NOT NULL OR source <> 'application') NOT VALID;

-- Money of calls that name no endpoint, by the backend that answered. The zero uuid stands for "none".
CREATE TABLE usage.direct_spend (
  level text NOT NULL CHECK (level IN ('hour', 'day')),
  bucket timestamptz(0) NOT NULL,
  project_id uuid NOT NULL,
  environment text NOT NULL,
  backend_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  requests bigint NOT NULL,
  unpriced bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd numeric(38, 18) NOT NULL,
  PRIMARY KEY (project_id, environment, level, bucket, backend_id, model_version_id)
);
