-- The retention rules that a project has set.
SELECT kind, days FROM retention_rules WHERE project_id = %(project_id)s ORDER BY kind
