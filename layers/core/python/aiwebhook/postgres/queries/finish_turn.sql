-- Store the reply and the conversation's new state, unless another turn has begun since.
UPDATE spoken_conversations
SET reply = %(reply)s, state = %(state)s
WHERE project_id = %(project_id)s AND conversation = %(conversation)s AND turn = %(turn)s
