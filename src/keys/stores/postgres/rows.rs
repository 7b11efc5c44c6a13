//! The rows: each operation is one statement.

use crate::seam::{KeyOwner, LegacyKey, SealedKey, StoredKey};
use sqlx::{
    PgExecutor, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
    query::Query,
};

/// A record as the columns have it.
struct Columns<'a> {
    sealed: Option<&'a str>,
    sealed_at: Option<String>,
    legacy: Option<&'a LegacyKey>,
}

impl<'a> From<&'a StoredKey> for Columns<'a> {
    fn from(stored: &'a StoredKey) -> Self {
        Self {
            sealed: stored.sealed.as_ref().map(|sealed| sealed.text.as_str()),
            sealed_at: stored.sealed.as_ref().map(|sealed| sealed.updated_at.to_string()),
            legacy: stored.legacy.as_ref(),
        }
    }
}

type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// A statement with the owner as its first three parameters.
fn of<'q>(sql: &'static str, owner: &'q KeyOwner) -> Statement<'q> {
    sqlx::query(sql).bind(owner.issuer.as_str()).bind(owner.subject.as_str()).bind(&owner.provider)
}

/// The next five parameters.
fn bind<'q>(statement: Statement<'q>, stored: &'q StoredKey) -> Statement<'q> {
    let columns = Columns::from(stored);
    statement
        .bind(columns.sealed)
        .bind(columns.sealed_at)
        .bind(columns.legacy.map(|legacy| legacy.api_key.as_str()))
        .bind(columns.legacy.and_then(|legacy| legacy.base_url.as_deref()))
        .bind(columns.legacy.and_then(|legacy| legacy.updated_at.as_deref()))
}

/// What is kept for an owner.
pub(super) async fn get(
    database: impl PgExecutor<'_>,
    owner: &KeyOwner,
) -> Result<Option<StoredKey>, sqlx::Error> {
    let sql = "SELECT sealed, sealed_at, legacy_api_key, legacy_base_url, legacy_updated_at FROM twenty_mcp_keys \
               WHERE issuer = $1 AND subject = $2 AND provider = $3";
    of(sql, owner).fetch_optional(database).await?.as_ref().map(stored).transpose()
}

fn stored(row: &PgRow) -> Result<StoredKey, sqlx::Error> {
    let sealed = match (row.try_get("sealed")?, row.try_get::<Option<String>, _>("sealed_at")?) {
        (Some(text), Some(at)) => {
            let decoded = at.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)));
            Some(SealedKey { text, updated_at: decoded? })
        }
        _ => None,
    };
    let (base_url, updated_at) = (row.try_get("legacy_base_url")?, row.try_get("legacy_updated_at")?);
    let api_key: Option<String> = row.try_get("legacy_api_key")?;
    let legacy = api_key.map(|api_key| LegacyKey { api_key, base_url, updated_at });
    Ok(StoredKey { sealed, legacy })
}

/// Compares and sets.
pub(super) async fn replace(
    database: impl PgExecutor<'_>,
    owner: &KeyOwner,
    expected: Option<&StoredKey>,
    new: Option<&StoredKey>,
) -> Result<bool, sqlx::Error> {
    let statement = match (expected, new) {
        (None, None) => return Ok(get(database, owner).await?.is_none()),
        (None, Some(new)) => {
            let sql = "INSERT INTO twenty_mcp_keys (issuer, subject, provider, sealed, sealed_at, legacy_api_key, \
                       legacy_base_url, legacy_updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
            bind(of(sql, owner), new)
        }
        (Some(expected), None) => {
            let sql = "DELETE FROM twenty_mcp_keys WHERE issuer = $1 AND subject = $2 AND provider = $3 AND \
                       (sealed, sealed_at, legacy_api_key, legacy_base_url, legacy_updated_at) IS NOT DISTINCT FROM \
                       ($4, $5, $6, $7, $8)";
            bind(of(sql, owner), expected)
        }
        (Some(expected), Some(new)) => {
            let sql = "UPDATE twenty_mcp_keys SET sealed = $9, sealed_at = $10, legacy_api_key = $11, \
                       legacy_base_url = $12, legacy_updated_at = $13 WHERE issuer = $1 AND subject = $2 AND \
                       provider = $3 AND (sealed, sealed_at, legacy_api_key, legacy_base_url, legacy_updated_at) \
                       IS NOT DISTINCT FROM ($4, $5, $6, $7, $8)";
            bind(bind(of(sql, owner), expected), new)
        }
    };
    Ok(statement.execute(database).await?.rows_affected() == 1)
}

/// The owners behind one of them.
pub(super) async fn list(
    database: impl PgExecutor<'_>,
    after: Option<&KeyOwner>,
    most: usize,
) -> Result<Vec<KeyOwner>, sqlx::Error> {
    let sql = "SELECT issuer, subject, provider FROM twenty_mcp_keys WHERE $4 OR (issuer, subject, provider) > \
               ($1, $2, $3) ORDER BY issuer, subject, provider LIMIT $5";
    let first = KeyOwner::new("", "", "");
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = of(sql, after.unwrap_or(&first)).bind(after.is_none()).bind(most).fetch_all(database).await?;
    let owner = |row: &PgRow| {
        let text = |column| row.try_get::<String, _>(column);
        Ok(KeyOwner::new(text("issuer")?, text("subject")?, text("provider")?))
    };
    rows.iter().map(owner).collect()
}
