-- Keep the reply and where the conversation is now, unless somebody has spoken since.
UPDATE spoken_conversations
SET reply = %(reply)s, state = %(state)s
WHERE project_id = %(project_id)s AND conversation = %(conversation)s AND turn = %(turn)s
