"""reconciler: every minute, asks GitHub which deliveries of the due sources never arrived."""
