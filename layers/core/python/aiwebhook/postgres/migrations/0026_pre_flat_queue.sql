-- A queue that reads as much in any state (ADR 0001): marks of lanes, counts of leases, and a phase of
-- tasks that stays the same while a run goes on, so that its updates touch no index.

-- A default that needs no rewrite: most tasks of a table that grows have ended. 0027 corrects the
-- others; from here on the trigger does, until the code before this one is gone (0028).
ALTER TABLE tasks ADD COLUMN phase smallint NOT NULL DEFAULT 2;
ALTER TABLE tasks ALTER COLUMN phase SET DEFAULT 0;
CREATE FUNCTION set_task_phase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.phase := CASE
        WHEN NEW.status IN ('claimed', 'running') THEN 1
        WHEN NEW.status IN ('completed', 'failed', 'cancelled') THEN 2
        ELSE 0
    END;
    RETURN NEW;
END
$$;
CREATE TRIGGER tasks_phase BEFORE INSERT OR UPDATE OF status ON tasks
    FOR EACH ROW EXECUTE FUNCTION set_task_phase();

ALTER TABLE queue_lanes ADD COLUMN taken_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE queue_lanes ADD COLUMN mark_tag bigint NOT NULL DEFAULT 0;
ALTER TABLE queue_lanes ADD COLUMN mark_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE queue_lanes ADD COLUMN next_tag bigint NOT NULL DEFAULT 0;
ALTER TABLE queue_lanes ADD COLUMN next_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE queue_lanes ADD COLUMN next_xid xid8 NOT NULL DEFAULT '0';

-- A new snapshot, taken once this transaction is to be seen by everybody.
CREATE FUNCTION lane_time(
    of_project text, of_agent text, of_priority smallint
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_current_xact_id();
    RETURN coalesce((
        SELECT l.virtual_time
        FROM queue_lanes l
        WHERE l.project_id = of_project
            AND l.agent_name = of_agent
            AND l.priority = of_priority
    ), 0);
END
$$;

CREATE TABLE lease_counts (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    agent_name text NOT NULL,
    counted_at bigint NOT NULL,
    counted integer NOT NULL,
    floor bigint NOT NULL,
    living bigint[] NOT NULL,
    PRIMARY KEY (project_id, agent_name, counted_at)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);
