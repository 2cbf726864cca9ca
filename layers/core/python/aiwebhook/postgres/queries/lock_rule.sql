-- One transaction at a time may begin a run of a rule: the next statement counts what the others
-- began. No row: it is no longer in force.
SELECT rule_id
FROM rules
WHERE project_id = %(project_id)s AND rule_id = %(rule_id)s AND status = 'active'
FOR UPDATE
