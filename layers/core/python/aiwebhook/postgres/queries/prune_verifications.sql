-- Remove verifications of addresses that are a month old, unless a subscription uses the address.
DELETE FROM callback_verifications
WHERE ctid = ANY(ARRAY(
        SELECT v.ctid
        FROM callback_verifications v
        WHERE v.verified_at < now() - interval '30 days'
            AND NOT EXISTS (
                SELECT
                FROM event_subscriptions s
                WHERE s.project_id = v.project_id
                    AND s.principal = v.principal
                    AND sha256(convert_to(s.url, 'UTF8')) = v.url_sha256
            )
        LIMIT %(limit)s
    ))
