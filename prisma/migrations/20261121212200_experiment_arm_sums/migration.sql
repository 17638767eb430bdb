-- Exact sums over the subjects of each arm, changed by difference when a subject's day changes: a look reads one row an arm, however many subjects
-- there are. For each metric of the log: subjects with something to divide by, sums of numerator and denominator, of their squares and product.
CREATE TABLE usage.experiment_arm (
  experiment_id uuid NOT NULL,
  arm_name text NOT NULL,
  subjects bigint NOT NULL DEFAULT 0 CHECK (subjects >= 0),
  requests bigint NOT NULL DEFAULT 0 CHECK (requests >= subjects),
  elsewhere bigint NOT NULL DEFAULT 0,
  cost_per_request_n numeric NOT NULL DEFAULT 0, cost_per_request_x numeric NOT NULL DEFAULT 0, cost_per_request_y numeric NOT NULL DEFAULT 0, cost_per_request_xx numeric NOT NULL DEFAULT 0, cost_per_request_xy numeric NOT NULL DEFAULT 0, cost_per_request_yy numeric NOT NULL DEFAULT 0,
  latency_ms_n numeric NOT NULL DEFAULT 0, latency_ms_x numeric NOT NULL DEFAULT 0, latency_ms_y numeric NOT NULL DEFAULT 0, latency_ms_xx numeric NOT NULL DEFAULT 0, latency_ms_xy numeric NOT NULL DEFAULT 0, latency_ms_yy numeric NOT NULL DEFAULT 0,
  ttft_ms_n numeric NOT NULL DEFAULT 0, ttft_ms_x numeric NOT NULL DEFAULT 0, ttft_ms_y numeric NOT NULL DEFAULT 0, ttft_ms_xx numeric NOT NULL DEFAULT 0, ttft_ms_xy numeric NOT NULL DEFAULT 0, ttft_ms_yy numeric NOT NULL DEFAULT 0,
  tpot_ms_n numeric NOT NULL DEFAULT 0, tpot_ms_x numeric NOT NULL DEFAULT 0, tpot_ms_y numeric NOT NULL DEFAULT 0, tpot_ms_xx numeric NOT NULL DEFAULT 0, tpot_ms_xy numeric NOT NULL DEFAULT 0, tpot_ms_yy numeric NOT NULL DEFAULT 0,
  error_ratio_n numeric NOT NULL DEFAULT 0, error_ratio_x numeric NOT NULL DEFAULT 0, error_ratio_y numeric NOT NULL DEFAULT 0, error_ratio_xx numeric NOT NULL DEFAULT 0, error_ratio_xy numeric NOT NULL DEFAULT 0, error_ratio_yy numeric NOT NULL DEFAULT 0,
  refused_ratio_n numeric NOT NULL DEFAULT 0, refused_ratio_x numeric NOT NULL DEFAULT 0, refused_ratio_y numeric NOT NULL DEFAULT 0, refused_ratio_xx numeric NOT NULL DEFAULT 0, refused_ratio_xy numeric NOT NULL DEFAULT 0, refused_ratio_yy numeric NOT NULL DEFAULT 0,
  blocked_ratio_n numeric NOT NULL DEFAULT 0, blocked_ratio_x numeric NOT NULL DEFAULT 0, blocked_ratio_y numeric NOT NULL DEFAULT 0, blocked_ratio_xx numeric NOT NULL DEFAULT 0, blocked_ratio_xy numeric NOT NULL DEFAULT 0, blocked_ratio_yy numeric NOT NULL DEFAULT 0,
  fallback_ratio_n numeric NOT NULL DEFAULT 0, fallback_ratio_x numeric NOT NULL DEFAULT 0, fallback_ratio_y numeric NOT NULL DEFAULT 0, fallback_ratio_xx numeric NOT NULL DEFAULT 0, fallback_ratio_xy numeric NOT NULL DEFAULT 0, fallback_ratio_yy numeric NOT NULL DEFAULT 0,
  input_tokens_n numeric NOT NULL DEFAULT 0, input_tokens_x numeric NOT NULL DEFAULT 0, input_tokens_y numeric NOT NULL DEFAULT 0, input_tokens_xx numeric NOT NULL DEFAULT 0, input_tokens_xy numeric NOT NULL DEFAULT 0, input_tokens_yy numeric NOT NULL DEFAULT 0,
  output_tokens_n numeric NOT NULL DEFAULT 0, output_tokens_x numeric NOT NULL DEFAULT 0, output_tokens_y numeric NOT NULL DEFAULT 0, output_tokens_xx numeric NOT NULL DEFAULT 0, output_tokens_xy numeric NOT NULL DEFAULT 0, output_tokens_yy numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (experiment_id, arm_name)
);

-- Guards an experiment's arms while a batch is added; subjects seen in more than one of them.
CREATE TABLE usage.experiment_total (
  experiment_id uuid PRIMARY KEY,
  crossed bigint NOT NULL DEFAULT 0 CHECK (crossed >= 0)
);

INSERT INTO usage.experiment_arm (experiment_id, arm_name, subjects, requests, elsewhere,
  cost_per_request_n, cost_per_request_x, cost_per_request_y, cost_per_request_xx, cost_per_request_xy, cost_per_request_yy, latency_ms_n, latency_ms_x, latency_ms_y, latency_ms_xx, latency_ms_xy, latency_ms_yy, ttft_ms_n, ttft_ms_x, ttft_ms_y, ttft_ms_xx, ttft_ms_xy, ttft_ms_yy, tpot_ms_n, tpot_ms_x, tpot_ms_y, tpot_ms_xx, tpot_ms_xy, tpot_ms_yy, error_ratio_n, error_ratio_x, error_ratio_y, error_ratio_xx, error_ratio_xy, error_ratio_yy, refused_ratio_n, refused_ratio_x, refused_ratio_y, refused_ratio_xx, refused_ratio_xy, refused_ratio_yy, blocked_ratio_n, blocked_ratio_x, blocked_ratio_y, blocked_ratio_xx, blocked_ratio_xy, blocked_ratio_yy, fallback_ratio_n, fallback_ratio_x, fallback_ratio_y, fallback_ratio_xx, fallback_ratio_xy, fallback_ratio_yy, input_tokens_n, input_tokens_x, input_tokens_y, input_tokens_xx, input_tokens_xy, input_tokens_yy, output_tokens_n, output_tokens_x, output_tokens_y, output_tokens_xx, output_tokens_xy, output_tokens_yy)
SELECT experiment_id, arm_name, count(*), sum(requests), sum(elsewhere),
  count(*) FILTER (WHERE priced > 0), sum(cost_usd), sum(priced), sum(cost_usd * cost_usd), sum(cost_usd * priced), sum(priced * priced),
  count(*) FILTER (WHERE timed > 0), sum(total_ms), sum(timed), sum(total_ms * total_ms), sum(total_ms * timed), sum(timed * timed),
  count(*) FILTER (WHERE ttft_timed > 0), sum(ttft_ms), sum(ttft_timed), sum(ttft_ms * ttft_ms), sum(ttft_ms * ttft_timed), sum(ttft_timed * ttft_timed),
  count(*) FILTER (WHERE tpot_timed > 0), sum(tpot_ms), sum(tpot_timed), sum(tpot_ms * tpot_ms), sum(tpot_ms * tpot_timed), sum(tpot_timed * tpot_timed),
  count(*) FILTER (WHERE judged > 0), sum(errors), sum(judged), sum(errors * errors), sum(errors * judged), sum(judged * judged),
  count(*) FILTER (WHERE requests > 0), sum(refused), sum(requests), sum(refused * refused), sum(refused * requests), sum(requests * requests),
  count(*) FILTER (WHERE requests > 0), sum(blocked), sum(requests), sum(blocked * blocked), sum(blocked * requests), sum(requests * requests),
  count(*) FILTER (WHERE requests > 0), sum(fallbacks), sum(requests), sum(fallbacks * fallbacks), sum(fallbacks * requests), sum(requests * requests),
  count(*) FILTER (WHERE requests > 0), sum(input_tokens), sum(requests), sum(input_tokens * input_tokens), sum(input_tokens * requests), sum(requests * requests),
  count(*) FILTER (WHERE requests > 0), sum(output_tokens), sum(requests), sum(output_tokens * output_tokens), sum(output_tokens * requests), sum(requests * requests)
FROM (
  SELECT experiment_id, arm_name, subject, sum(requests)::numeric AS requests, sum(elsewhere)::numeric AS elsewhere, sum(fallbacks)::numeric AS fallbacks, sum(judged)::numeric AS judged, sum(errors)::numeric AS errors, sum(refused)::numeric AS refused, sum(blocked)::numeric AS blocked, sum(priced)::numeric AS priced, sum(cost_usd)::numeric AS cost_usd, sum(input_tokens)::numeric AS input_tokens, sum(output_tokens)::numeric AS output_tokens, sum(timed)::numeric AS timed, sum(total_ms)::numeric AS total_ms, sum(ttft_timed)::numeric AS ttft_timed, sum(ttft_ms)::numeric AS ttft_ms, sum(tpot_timed)::numeric AS tpot_timed, sum(tpot_ms)::numeric AS tpot_ms
  FROM usage.experiment_subject GROUP BY 1, 2, 3
) u GROUP BY 1, 2;

INSERT INTO usage.experiment_total (experiment_id, crossed)
SELECT experiment_id, count(*) FILTER (WHERE arms > 1) FROM (
  SELECT experiment_id, subject, count(DISTINCT arm_name) AS arms FROM usage.experiment_subject GROUP BY 1, 2
) s GROUP BY 1;
