-- A host whose record has not changed for a month is forgotten; its next callback starts it anew.
DELETE FROM callback_hosts
WHERE ctid = ANY(ARRAY(
        SELECT h.ctid
        FROM callback_hosts h
        WHERE h.changed_at < now() - interval '30 days'
        LIMIT %(limit)s
    ))
