-- Slips that came out in two pieces, about which nobody has said yet whether a whole one is wanted: each look at the counter page asks
-- for them.
CREATE INDEX copies_in_pieces ON copies (job) WHERE reason = 'in_pieces';
