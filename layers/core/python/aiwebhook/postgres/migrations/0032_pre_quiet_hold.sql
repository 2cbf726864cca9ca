-- Receivers whose chats lose what comes while they are being used.

ALTER TABLE event_subscriptions ADD COLUMN quiet boolean NOT NULL DEFAULT false;
