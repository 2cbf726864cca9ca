-- One GUID with two bodies is two deliveries; bytes without a GUID are looked up by their digest.

ALTER TABLE inbound_deliveries ADD COLUMN conflict boolean NOT NULL DEFAULT false;
