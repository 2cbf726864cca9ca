-- Ids that are reckoned from the row's own numbers, so that no column and no index has to hold them
-- (ADR 0025). Whoever reads takes either from here on; 0035 ends the storing.

-- <prefix><UUIDv7>: milliseconds, then the number, below 2^62.
CREATE FUNCTION row_id(prefix text, written_at timestamptz, number bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT prefix || (
        lpad(to_hex((extract(EPOCH FROM written_at) * 1000)::bigint), 12, '0')
        || '7000'
        || to_hex((1::bigint << 63) | number)
    )::uuid::text
$$;

-- The number in such an id; null: it is not one.
CREATE FUNCTION id_number(id text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN id ~ '^[a-z]+_[0-9a-f]{8}-[0-9a-f]{4}-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
            THEN ('x' || right(replace(id, '-', ''), 16))::bit(64)::bigint & 4611686018427387903
    END
$$;

-- Rows of before migration 0035 have their ids stored.
CREATE FUNCTION event_name(stored text, written_at timestamptz, event_no bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(stored, row_id('evt_', written_at, event_no))
$$;

CREATE FUNCTION attempt_name(stored text, claimed_at timestamptz, lease_epoch bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(stored, row_id('att_', claimed_at, lease_epoch))
$$;

-- What a task has goes with it. A foreign key would do the same, but lock the task's row once more
-- for each row that names it: whoever writes one has the task's row locked, or made it.
CREATE FUNCTION forget_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM task_payloads WHERE project_id = OLD.project_id AND task_id = OLD.task_id;
    DELETE FROM task_results WHERE project_id = OLD.project_id AND task_id = OLD.task_id;
    DELETE FROM task_attempts WHERE project_id = OLD.project_id AND task_id = OLD.task_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_forgotten AFTER DELETE ON tasks
    FOR EACH ROW EXECUTE FUNCTION forget_task();

CREATE FUNCTION forget_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM idempotency_keys WHERE project_id = OLD.project_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER projects_forgotten AFTER DELETE ON projects
    FOR EACH ROW EXECUTE FUNCTION forget_project();

-- Each event rewrites its session's row: room for many versions in its page.
ALTER TABLE sessions SET (fillfactor = 20);
