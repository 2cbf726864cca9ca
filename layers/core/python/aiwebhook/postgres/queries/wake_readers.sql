-- Wake readers that wait for events; one NOTIFY at a time is enough (see settle.sql).
SELECT
    set_config('synchronous_commit', 'off', true) AS durability,
    CASE
        WHEN pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
            THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified
