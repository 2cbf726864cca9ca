-- Record the outcome of a run of a rule. Guard: it has none yet.
UPDATE rule_runs
SET status = %(status)s, reason = %(reason)s
WHERE project_id = %(project_id)s
    AND delivery_id = %(delivery_id)s
    AND round = %(round)s
    AND rule_id = %(rule_id)s
    AND status = 'begun'
