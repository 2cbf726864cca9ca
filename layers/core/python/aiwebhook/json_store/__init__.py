"""The store of sessions in a folder: content as files, without queue, outbox, keys or limits."""
