-- The last sentence of a conversation, and what was replied.
SELECT turn, reader, state, reply
FROM spoken_conversations
WHERE project_id = %(project_id)s AND conversation = %(conversation)s
