-- What each key was told: only code before migration 0010 read it.

DROP TABLE reader_cursors;
