-- Where a reader stands in sessions. One that is not known yet begins where any reader of its
-- principal has acknowledged: that is the row without a name.
-- Needs  read_sessions(session_id, last_seq)
--        parameters project_id, principal, reader (null: each session's own)
-- Gives  reader(session_id, last_seq, name, known, acked_seq, acked_seqs, spent_seq, told)
reader AS MATERIALIZED (
    SELECT
        g.session_id,
        g.last_seq,
        coalesce(%(reader)s::text, g.session_id) AS name,
        coalesce(r.reader <> '', false) AS known,
        coalesce(r.acked_seq, 0) AS acked_seq,
        coalesce(r.acked_seqs, '{}') AS acked_seqs,
        CASE WHEN r.reader <> '' THEN r.spent_seq ELSE 0 END AS spent_seq,
        CASE WHEN r.reader <> '' THEN r.told ELSE '{}' END AS told
    FROM read_sessions g
    LEFT JOIN LATERAL (
        SELECT o.reader, o.acked_seq, o.acked_seqs, o.spent_seq, o.told
        FROM readers o
        WHERE o.project_id = %(project_id)s
            AND o.session_id = g.session_id
            AND o.principal = %(principal)s
            AND o.reader IN (coalesce(%(reader)s::text, g.session_id), '')
        ORDER BY o.reader DESC
        LIMIT 1
    ) r ON true
)
