-- Conversations without a sentence for a month: the next one starts over.
DELETE FROM spoken_conversations
WHERE ctid = ANY(ARRAY(
        SELECT s.ctid
        FROM spoken_conversations s
        WHERE s.heard_at < now() - interval '30 days'
        LIMIT %(limit)s
    ))
