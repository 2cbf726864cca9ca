-- outside a transaction
-- Only code before migration 0021 reads what is due without asking whose it is.

DROP INDEX CONCURRENTLY IF EXISTS deliveries_due;
