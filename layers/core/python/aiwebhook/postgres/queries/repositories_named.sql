-- Repositories of earlier tasks whose last path segment is this name, with or without `.git`;
-- newest first.
SELECT p.repository ->> 'repo' AS id, p.repository ->> 'repo' AS name, true AS exact
FROM task_payloads AS p
WHERE p.project_id = %(project_id)s
    AND lower(regexp_replace(p.repository ->> 'repo', '^.*/|[.]git$', '', 'g')) = lower(%(name)s)
GROUP BY p.repository ->> 'repo'
ORDER BY max(p.created_at) DESC
LIMIT 3
