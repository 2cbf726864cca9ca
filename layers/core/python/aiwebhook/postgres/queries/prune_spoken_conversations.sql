-- A conversation of which nothing was heard for a month: its next sentence begins it anew.
DELETE FROM spoken_conversations
WHERE ctid = ANY(ARRAY(
        SELECT s.ctid
        FROM spoken_conversations s
        WHERE s.heard_at < now() - interval '30 days'
        LIMIT %(limit)s
    ))
