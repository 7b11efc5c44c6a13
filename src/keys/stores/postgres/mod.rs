//! Stored keys in PostgreSQL, for several servers of one address.

mod layout;
mod rows;

use crate::{
    keys::store::written,
    seam::{KeyOwner, KeyStore, Secret, Setup, SetupError, StoreError, StoredKey},
};
use layout::Unfit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::{
    ConnectOptions as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr as _, time::Duration};
use tokio::{sync::OnceCell, time::timeout};

/// Connections at most.
const CONNECTIONS: u32 = 5;
/// How long an operation waits for a connection, made if need be.
const CONNECTING: Duration = Duration::from_secs(4);
/// How long an operation may take with everything.
const WORKING: Duration = Duration::from_secs(10);
/// How long the database works on a statement, and waits for a lock, in milliseconds.
const STATEMENT: &str = "5000";
/// Seconds after which a database that cannot be reached is worth to be asked again.
const RETRY_AFTER: u64 = 5;

/// Keys in PostgreSQL, for several servers.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresSettings {
    /// Where the database is, as in `postgres://user:password@host/database?sslmode=verify-full`. The user must be allowed
    /// to make tables there, or find them made.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Secret>,
}

crate::register!(key-store PostgresStore);

/// Keys in a database, which is reached for when it is needed first.
pub struct PostgresStore {
    options: PgConnectOptions,
    pool: OnceCell<PgPool>,
}

impl KeyStore for PostgresStore {
    type Settings = PostgresSettings;

    fn build(settings: PostgresSettings, _: &Setup) -> Result<Self, SetupError> {
        let wrong = |message| SetupError::at(&["url"], message);
        let form = "expected `postgres://user:password@host/database?sslmode=verify-full`";
        let url = settings.url.ok_or_else(|| wrong("nothing says where the database is: set `url`"))?;
        let scheme = url.expose().split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("postgres" | "postgresql")) {
            return Err(wrong(form));
        }
        // What is wrong with it is not shown: it may be a part of the password.
        let options = PgConnectOptions::from_str(url.expose()).map_err(|_| wrong(form))?;
        let options = options.application_name("twenty-mcp").disable_statement_logging().options([
            ("statement_timeout", STATEMENT),
            ("lock_timeout", STATEMENT),
            ("idle_in_transaction_session_timeout", STATEMENT),
            // What is answered is on disk.
            ("synchronous_commit", "on"),
        ]);
        Ok(Self { options, pool: OnceCell::new() })
    }

    async fn get(&self, owner: &KeyOwner) -> Result<Option<StoredKey>, StoreError> {
        bounded(async { Ok(rows::get(self.pool().await?, owner).await?) }).await
    }

    async fn replace(
        &self,
        owner: &KeyOwner,
        expected: Option<&StoredKey>,
        new: Option<&StoredKey>,
    ) -> Result<bool, StoreError> {
        new.map(written).transpose()?;
        bounded(async { Ok(rows::replace(self.pool().await?, owner, expected, new).await?) }).await
    }

    async fn list(&self, after: Option<&KeyOwner>, most: usize) -> Result<Vec<KeyOwner>, StoreError> {
        bounded(async { Ok(rows::list(self.pool().await?, after, most).await?) }).await
    }
}

impl PostgresStore {
    /// Connections to a database whose tables are as they must be.
    async fn pool(&self) -> Result<&PgPool, Unfit> {
        let made = async {
            let pool = PgPoolOptions::new()
                .max_connections(CONNECTIONS)
                .acquire_timeout(CONNECTING)
                .idle_timeout(Duration::from_secs(300))
                .connect_lazy_with(self.options.clone());
            layout::bring_up(&mut *pool.acquire().await?).await?;
            Ok(pool)
        };
        self.pool.get_or_try_init(|| made).await
    }
}

/// Work in a bounded time.
async fn bounded<T>(work: impl Future<Output = Result<T, Unfit>>) -> Result<T, StoreError> {
    match timeout(WORKING, work).await {
        Ok(done) => done.map_err(|unfit| match unfit {
            Unfit::Database(error) => told(&error),
            Unfit::Newer(step) => StoreError::Broken(format!(
                "the tables in PostgreSQL have the layout {step} of a newer server: update this one"
            )),
        }),
        Err(_) => {
            tracing::warn!("PostgreSQL does not answer");
            Err(StoreError::Unavailable { retry_after: RETRY_AFTER })
        }
    }
}

/// What an error means. A database's own words are kept without their details, which quote values.
fn told(error: &sqlx::Error) -> StoreError {
    let (why, passes) = match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default().into_owned();
            // A row of the index is too long.
            if code == "54000" {
                return StoreError::TooLarge;
            }
            // Lost connections, conflicts, too much at once, a shutdown or start, a lock, a stand-by.
            let classes = ["08", "40", "53", "57"];
            let passes = classes.iter().any(|class| code.starts_with(class))
                || matches!(code.as_str(), "55P03" | "25006");
            (format!("{} ({code})", error.message()), passes)
        }
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => (error.to_string(), true),
        other => (other.to_string(), false),
    };
    if passes {
        tracing::warn!(why, "PostgreSQL cannot be used just now");
        return StoreError::Unavailable { retry_after: RETRY_AFTER };
    }
    StoreError::Broken(format!("PostgreSQL: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_name_no_database_are_refused_and_not_shown() {
        let of = |url: Option<&str>| PostgresSettings { url: url.map(Secret::new) };
        for url in ["LEAK", "mysql://LEAK", "postgres://u:LEAK@h:port/d", "postgres://u@h/d?sslmode=LEAK"] {
            let error = PostgresStore::build(of(Some(url)), &Setup::default()).err().unwrap();
            assert_eq!(error.key, ["url"], "{url}");
            assert!(!error.to_string().contains("LEAK") && error.message.contains("postgres://"), "{error}");
        }
        let error = PostgresStore::build(of(None), &Setup::default()).err().unwrap();
        assert!(error.message.contains("set `url`"), "{error}");
    }

    #[test]
    fn what_passes_and_what_the_operator_must_look_at_are_told_apart() {
        let broken = std::io::Error::other("reset");
        for error in [sqlx::Error::PoolTimedOut, sqlx::Error::Io(broken)] {
            assert_eq!(told(&error), StoreError::Unavailable { retry_after: RETRY_AFTER });
        }
        let wrong = told(&sqlx::Error::Tls("no certificate".into()));
        assert!(matches!(&wrong, StoreError::Broken(text) if text.contains("no certificate")), "{wrong:?}");
    }
}
