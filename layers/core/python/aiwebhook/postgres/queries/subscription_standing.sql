-- What decides about a request to subscribe: how many other live subscriptions the caller has,
-- whether this one is live, and whether its address has recently passed a challenge or is still the
-- target of a live subscription.
WITH living AS (
    SELECT s.subscription_id, s.url
    FROM event_subscriptions s
    WHERE s.project_id = %(project_id)s
        AND s.principal = %(principal)s
        AND s.ended_at IS NULL
        AND s.expires_at > now()
)
SELECT
    (SELECT count(*) FROM living l WHERE l.subscription_id <> %(subscription_id)s) AS others,
    EXISTS(SELECT FROM living l WHERE l.subscription_id = %(subscription_id)s) AS live,
    EXISTS(
        SELECT
        FROM callback_verifications v
        WHERE v.project_id = %(project_id)s
            AND v.principal = %(principal)s
            AND v.url_sha256 = %(url_sha256)s
            AND (
                v.verified_at > now() - make_interval(secs => %(valid_s)s)
                OR EXISTS (SELECT FROM living l WHERE l.url = %(url)s)
            )
    ) AS verified
