-- The media type of an artifact's bytes, as its maker gave it; null: nobody said.

ALTER TABLE artifacts ADD COLUMN content_type text;
