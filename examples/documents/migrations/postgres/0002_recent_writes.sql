-- The writes that had an id, for 24 hours: a client that lost an answer sends its write again.
CREATE TABLE recent_writes (
    -- A digest of the sender, the id, and what the write does.
    identity BYTEA PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    -- The version that it replaced; NULL if there was no document.
    made_from BIGINT,
    -- The version that it made; NULL if it deleted the document.
    made BIGINT,
    -- Whether its answer carried the validators of that version.
    with_validators BOOLEAN NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX recent_writes_by_age ON recent_writes (made_at);

-- Another write may be forgetting the same records: it has locked them, and they are skipped.
CREATE FUNCTION forget_old_writes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM recent_writes WHERE identity IN (
        SELECT identity FROM recent_writes
        WHERE made_at <= NEW.made_at - interval '24 hours'
        FOR UPDATE SKIP LOCKED
    );
    RETURN NEW;
END
$$;

CREATE TRIGGER old_writes_forgotten BEFORE INSERT ON recent_writes
FOR EACH ROW EXECUTE FUNCTION forget_old_writes();
