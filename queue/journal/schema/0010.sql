-- How much paper an attempt's slip takes, in millimetres; 0: not known.
ALTER TABLE attempts ADD COLUMN paper INTEGER NOT NULL DEFAULT 0;
