-- The lanes of an agent, highest priority first, and where each begins (ADR 0001).
-- Needs  parameters project_id, agent_name
-- Gives  lanes(priority, mark_tag, mark_seq, place, virtual_time, taken_seq, next_tag, next_seq,
--        next_xid): a lane that has no row yet has no place
lanes AS MATERIALIZED (
    SELECT
        p.priority::smallint AS priority,
        coalesce(l.mark_tag, 0) AS mark_tag,
        coalesce(l.mark_seq, 0) AS mark_seq,
        l.ctid AS place,
        l.virtual_time,
        l.taken_seq,
        l.next_tag,
        l.next_seq,
        l.next_xid
    FROM generate_series(0, 9) AS p (priority)
    LEFT JOIN queue_lanes l
        ON l.project_id = %(project_id)s
        AND l.agent_name = %(agent_name)s
        AND l.priority = p.priority
        AND sought(l.virtual_time)
    ORDER BY p.priority DESC
)
