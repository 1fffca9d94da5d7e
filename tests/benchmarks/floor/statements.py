"""Every table and statement of the floor."""

OUTBOX = """
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)
"""

TABLES = {
    "accept": """
CREATE TABLE job (id uuid PRIMARY KEY, status text NOT NULL, input jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz, result jsonb)
""",
    "work": """
CREATE TABLE job (id uuid PRIMARY KEY, status text NOT NULL, input jsonb NOT NULL,
  fence bigint NOT NULL DEFAULT 1, lease_until timestamptz NOT NULL, result jsonb)
""",
    "close": """
CREATE TABLE verdict (job_id uuid PRIMARY KEY, outcome text NOT NULL, body jsonb NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT now())
""",
}

ACCEPT = """
WITH accepted AS (INSERT INTO job (id, status, input)
  SELECT id, 'queued', input FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, input))
INSERT INTO outbox (body) VALUES ($3) RETURNING id
"""

PROJECT = """
UPDATE job SET status = 'ready', finished_at = now(), result = new.result
FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, result)
WHERE job.id = new.id AND job.status = 'queued'
"""

CLAIM = """
INSERT INTO job (id, status, input, lease_until)
SELECT id, 'running', input, now() + interval '15 s'
FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, input) ON CONFLICT DO NOTHING RETURNING id
"""

FINISH = """
WITH done AS (UPDATE job SET status = 'generated', result = new.result
  FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, result)
  WHERE job.id = new.id AND job.status = 'running' AND job.fence = 1)
INSERT INTO outbox (body) VALUES ($3) RETURNING id
"""

CLOSE = """
WITH closed AS (INSERT INTO verdict (job_id, outcome, body)
  SELECT id, 'ready', body FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, body)
  ON CONFLICT DO NOTHING)
INSERT INTO outbox (body) VALUES ($3) RETURNING id
"""

FORGET = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"
STATUS = "SELECT status FROM job WHERE id = $1"
FINISHED = "SELECT count(*) FROM job WHERE status = 'ready'"
