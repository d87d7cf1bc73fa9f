-- A row stays when its document is deleted: its version must not be given out again.
CREATE TABLE documents (
    -- By octets, so that every database lists in the same order.
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    -- What was done last; `deleted` means that there is no document.
    change TEXT NOT NULL CHECK (change IN ('created', 'replaced', 'patched', 'deleted')),
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE history (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    change TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX history_of_one ON history (id, position);

-- The database itself refuses a version that was given out before.
CREATE UNIQUE INDEX version_made_once ON history (id, version) WHERE change <> 'deleted';
