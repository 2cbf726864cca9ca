"""reconciler: every minute, asks GitHub what of the sources that are due never arrived."""
