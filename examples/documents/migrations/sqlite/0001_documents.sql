-- A row stays when its document is deleted: its version must not be given out again.
CREATE TABLE documents (
    id TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    -- What was done last; `deleted` means that there is no document.
    change TEXT NOT NULL CHECK (change IN ('created', 'replaced', 'patched', 'deleted')),
    changed_by TEXT NOT NULL,
    -- Milliseconds since 1970.
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE history (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    change TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX history_of_one ON history (id, position);

-- The database itself refuses a version that was given out before.
CREATE UNIQUE INDEX version_made_once ON history (id, version) WHERE change <> 'deleted';

-- The history is written by the statement that makes the change, or neither is.
CREATE TRIGGER document_inserted AFTER INSERT ON documents BEGIN
    INSERT INTO history (id, version, change, changed_by, changed_at)
    VALUES (NEW.id, NEW.version, NEW.change, NEW.changed_by, NEW.changed_at);
END;

CREATE TRIGGER document_updated AFTER UPDATE ON documents BEGIN
    INSERT INTO history (id, version, change, changed_by, changed_at)
    VALUES (NEW.id, NEW.version, NEW.change, NEW.changed_by, NEW.changed_at);
END;
