-- What was measured between a request's arrival and its end, and its trace. Null in older rows: adding them rewrites nothing.
-- `steps` is {phases, calls} as lib/contracts/gateway-event.ts has them; it is read for one request at a time.
ALTER TABLE usage.event ADD COLUMN trace_id uuid, ADD COLUMN steps jsonb;

-- What people look for is rare, so each of these holds few rows: without them a page of rare rows reads the whole log backwards.
CREATE INDEX event_not_complete ON usage.event (project_id, environment, at DESC, request_id DESC) WHERE outcome <> 'complete';
CREATE INDEX event_not_application ON usage.event (project_id, environment, at DESC, request_id DESC) WHERE source <> 'application';
CREATE INDEX event_slow ON usage.event (project_id, environment, at DESC, request_id DESC) WHERE total_ms >= 10000;
CREATE INDEX event_dear ON usage.event (project_id, environment, at DESC, request_id DESC) WHERE cost_usd >= 0.01;
CREATE INDEX event_cache_hit ON usage.event (project_id, environment, at DESC, request_id DESC) WHERE cache = 'hit';
CREATE INDEX event_fallback ON usage.event (project_id, environment, at DESC, request_id DESC) WHERE served_variant_id <> variant_id;
CREATE INDEX event_client_request_id ON usage.event (project_id, client_request_id) WHERE client_request_id IS NOT NULL;
CREATE INDEX event_trace_id ON usage.event (project_id, trace_id) WHERE trace_id IS NOT NULL;
-- A key's rows are few among all, or many: for both, its newest are at the end of its part.
CREATE INDEX event_key_at ON usage.event (key_id, at DESC) WHERE key_id IS NOT NULL;
-- The live tail reads what was taken last. Rows come in that order, so block ranges tell them apart at almost no cost to the ingest.
CREATE INDEX event_ingested_at ON usage.event USING brin (ingested_at) WITH (pages_per_range = 32, autosummarize = on);
