import type pg from "pg";

export interface Size {
  readonly models: number;
  readonly modelVersions: number;
  readonly prompts: number;
  readonly promptVersions: number;
}

/** A project of its own with that many rows, written by the tables' owner; every version has three artifacts, a verification and scores. */
export async function fillProject(owner: pg.Client, projectId: string, size: Size): Promise<void> {
  const run = (sql: string, ...values: unknown[]) => owner.query(sql, [projectId, ...values]);
  await run("insert into project (id, slug, name, subject_key_sealed) values ($1, replace($1, '_', '-'), $1, '')");
  await run("insert into environment (project_id, name, position) values ($1, 'production', 0)");
  await run(
    `insert into model (id, project_id, name, description, tags)
     select $1 || '_m' || m, $1, 'model-' || lpad(m::text, 4, '0'), 'Model number ' || m, array['chat', case when m % 2 = 0 then 'ko' else 'en' end]
     from generate_series(1, $2::int) m`,
    size.models,
  );
  await run(
    `insert into model_version (id, project_id, model_id, number, engine, precision, parameter_count, context_length, architecture, licence,
       description, notes, artifacts, lineage, signature, parent_id, derivation, tags, digest, created_by_id, created_by_name)
     select $1 || '_m' || m || 'v' || v, $1, $1 || '_m' || m, v, 'vllm', 'bf16', 7615616512, 32768,
       '{"layers": 28, "hiddenSize": 3584, "attentionHeads": 28, "kvHeads": 4, "headDimension": 128, "vocabularySize": 152064}', 'apache-2.0',
       'Version ' || v, repeat('A line of notes about this version. ', 20),
       (select jsonb_agg(jsonb_build_object('uri', 's3://models/' || m || '/' || v || '/part-' || a, 'sha256', repeat('a', 64), 'sizeBytes', 5000000000, 'role', 'weights')) from generate_series(1, 3) a),
       '{"repository": "models/haneul", "gitCommit": "4be19d0", "datasetVersion": "support", "trainingRunUrl": null, "imageDigest": null}',
       '{"input": {"type": "object"}, "output": {"type": "object"}}', null, null, '{}', repeat('b', 64), 'usr_bench', 'bench'
     from generate_series(1, $2::int) m, generate_series(1, $3::int) v`,
    size.models,
    size.modelVersions,
  );
  await run(
    "insert into model_version_state (version_id, state, revision, changed_at) select id, 'draft', 1, created_at from model_version where project_id = $1",
  );
  await run(
    `insert into model_version_transition (version_id, revision, to_state, at, actor_kind, actor_id, actor_name, reason)
     select id, 1, 'draft', created_at, 'user', 'usr_bench', 'bench', 'registered' from model_version where project_id = $1`,
  );
  await run(
    "update model_version_state s set state = 'candidate', revision = 2 from model_version v where v.id = s.version_id and v.project_id = $1 and v.number % 3 = 0",
  );
  await run(
    `insert into model_version_score (id, version_id, set_name, metric, value, better, measured_at, created_by_id, created_by_name)
     select v.id || '_s' || s, v.id, 'set ' || (s % 3), 'accuracy', 0.8 + (s % 10) / 100.0, 'higher', now() - s * interval '1 day', 'usr_bench', 'bench'
     from model_version v, generate_series(1, 6) s where v.project_id = $1`,
  );
  await run(
    `insert into artifact_verification (id, project_id, version_id, state, asked_at, deadline_at, ended_at, created_by_id, created_by_name)
     select 'vrf_' || id, $1, id, 'verified', now(), now(), now(), 'usr_bench', 'bench' from model_version where project_id = $1`,
  );
  await run(
    `insert into artifact_check (verification_id, position, uri, sha256, size_bytes, state, bytes_done, actual_sha256, actual_bytes, ended_at)
     select 'vrf_' || id, a, 's3://models/part-' || a, repeat('a', 64), 5, 'verified', 5, repeat('a', 64), 5, now()
     from model_version, generate_series(0, 2) a where project_id = $1`,
  );
  await run(
    `insert into prompt (id, project_id, name, description)
     select $1 || '_p' || p, $1, 'folder-' || (p % 20) || '/prompt-' || lpad(p::text, 4, '0'), 'Prompt number ' || p from generate_series(1, $2::int) p`,
    size.prompts,
  );
  await run(
    `insert into prompt_version (id, project_id, prompt_id, number, content_hash, messages, variables, parameters, created_by_id, created_by_name)
     select $1 || '_p' || p || 'v' || v, $1, $1 || '_p' || p, v, md5(p || '/' || v) || md5(v || '/' || p),
       jsonb_build_array(jsonb_build_object('role', 'system', 'content', repeat('You answer customers exactly and friendly. ', 20) || v)),
       '[]', '{"temperature": 0.3}', 'usr_bench', 'bench'
     from generate_series(1, $2::int) p, generate_series(1, $3::int) v`,
    size.prompts,
    size.promptVersions,
  );
  await owner.query("analyze");
}
