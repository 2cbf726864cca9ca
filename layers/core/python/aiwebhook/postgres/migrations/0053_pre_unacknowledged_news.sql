-- News that no conversation of its principal has acknowledged, of all sessions: what is told
-- "elsewhere" is read here. A row of its own, because the event's would be written again with all of
-- its index entries. Each news has it from the trigger on `events`, whoever writes it.
CREATE TABLE unacknowledged_news (
    event_no bigint NOT NULL,
    spent boolean NOT NULL DEFAULT false,  -- told five times
    project_id text NOT NULL,
    session_id text NOT NULL,
    PRIMARY KEY (project_id, spent, event_no) INCLUDE (session_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE FUNCTION note_news() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO unacknowledged_news (event_no, project_id, session_id)
    VALUES (NEW.event_no, NEW.project_id, NEW.session_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER news_noted AFTER INSERT ON events
FOR EACH ROW WHEN (
    NEW.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
    AND NEW.session_id IS NOT NULL
)
EXECUTE FUNCTION note_news();
CREATE FUNCTION forget_news() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    DELETE FROM unacknowledged_news
    WHERE project_id = OLD.project_id
        AND spent IN (false, true)
        AND event_no = OLD.event_no;
    RETURN NULL;
END
$$;
CREATE TRIGGER news_forgotten AFTER DELETE ON events
FOR EACH ROW WHEN (
    OLD.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
)
EXECUTE FUNCTION forget_news();

INSERT INTO unacknowledged_news (event_no, spent, project_id, session_id)
SELECT event_no, spent, project_id, session_id
FROM events
WHERE type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
    AND NOT acknowledged
    AND session_id IS NOT NULL;
