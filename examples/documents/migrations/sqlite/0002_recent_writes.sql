-- The writes that had an id, for 24 hours: a client that lost an answer sends its write again.
CREATE TABLE recent_writes (
    -- A digest of the sender, the id, and what the write does.
    identity BLOB PRIMARY KEY NOT NULL,
    id TEXT NOT NULL,
    -- The version that it replaced; NULL if there was no document.
    made_from INTEGER,
    -- The version that it made; NULL if it deleted the document.
    made INTEGER,
    -- Whether its answer carried the validators of that version.
    with_validators INTEGER NOT NULL,
    -- Milliseconds since 1970.
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX recent_writes_by_age ON recent_writes (made_at);

-- The identity of the last write, if it had an id. The triggers pass it on.
ALTER TABLE documents ADD COLUMN identity BLOB;
ALTER TABLE documents ADD COLUMN with_validators INTEGER NOT NULL DEFAULT 0;

-- The record is written by the statement that makes the change. If the identity is known, neither is.
CREATE TRIGGER inserted_write_recorded AFTER INSERT ON documents WHEN NEW.identity IS NOT NULL BEGIN
    DELETE FROM recent_writes WHERE made_at <= NEW.changed_at - 86400000;
    INSERT INTO recent_writes (identity, id, made_from, made, with_validators, made_at)
    VALUES (NEW.identity, NEW.id, NULL, NEW.version, NEW.with_validators, NEW.changed_at);
END;

CREATE TRIGGER updated_write_recorded AFTER UPDATE ON documents WHEN NEW.identity IS NOT NULL BEGIN
    DELETE FROM recent_writes WHERE made_at <= NEW.changed_at - 86400000;
    INSERT INTO recent_writes (identity, id, made_from, made, with_validators, made_at)
    VALUES (
        NEW.identity,
        NEW.id,
        CASE OLD.change WHEN 'deleted' THEN NULL ELSE OLD.version END,
        CASE NEW.change WHEN 'deleted' THEN NULL ELSE NEW.version END,
        NEW.with_validators,
        NEW.changed_at
    );
END;
