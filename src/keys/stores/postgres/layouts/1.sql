-- Letter by letter ("C"), so that keys have the same order whatever the database's language.
CREATE TABLE twenty_mcp_keys (
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    sealed text,
    sealed_at text,
    legacy_api_key text,
    legacy_base_url text,
    legacy_updated_at text,
    PRIMARY KEY (issuer, subject, provider),
    CHECK ((sealed IS NULL) = (sealed_at IS NULL)),
    CHECK (sealed IS NOT NULL OR legacy_api_key IS NOT NULL),
    CHECK (legacy_api_key IS NOT NULL OR legacy_base_url IS NULL AND legacy_updated_at IS NULL)
);
