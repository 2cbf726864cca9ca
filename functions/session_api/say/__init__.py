"""POST /v1/say: one field of text in, one sentence to be spoken out, by rules alone.

`grammar` reads a sentence (no I/O), `talk` remembers where a conversation is, `acting` runs the
command that was meant, `phrases` has what is said, `route` is the path.
"""
