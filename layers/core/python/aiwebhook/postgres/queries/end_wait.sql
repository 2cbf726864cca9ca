-- End a wait: its request was answered. No row: the wait has expired.
DELETE FROM granted_waits
WHERE wait_id = %(wait_id)s
