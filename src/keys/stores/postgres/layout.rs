//! The tables, brought to the layout that this server knows; each step is there whole or not at all.

use sqlx::{Connection as _, PgConnection, Row as _, raw_sql};

/// The steps to the newest layout; the number of the first is 1.
const STEPS: [&str; 1] = [include_str!("layouts/1.sql")];
/// Who changes the layout holds this lock; the number is as good as any.
const LOCK: i64 = 0x7477_656e_7479;
/// There is no such table.
const MISSING: &str = "42P01";

/// Why the tables cannot be used.
pub(super) enum Unfit {
    /// The database does not do it.
    Database(sqlx::Error),
    /// A newer server has changed them.
    Newer(i32),
}

impl From<sqlx::Error> for Unfit {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Makes the tables, or brings them to the newest layout. One server at a time does that, and others wait.
pub(super) async fn bring_up(connection: &mut PgConnection) -> Result<(), Unfit> {
    // Whoever may only read and write the table itself needs no more once it is there.
    if let Ok(true) = is_newest(connection).await {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let table = "CREATE TABLE IF NOT EXISTS twenty_mcp_layout (step int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())";
    raw_sql(table).execute(&mut *transaction).await?;
    let done = step(&mut transaction).await?;
    let newest = STEPS.len();
    let begun = usize::try_from(done).ok().filter(|done| *done <= newest).ok_or(Unfit::Newer(done))?;
    for (number, sql) in (1..).zip(STEPS).skip(begun) {
        raw_sql(sql).execute(&mut *transaction).await?;
        let note = sqlx::query("INSERT INTO twenty_mcp_layout (step) VALUES ($1)").bind(number);
        note.execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// The step that was made last.
async fn step(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    let row =
        sqlx::query("SELECT coalesce(max(step), 0) FROM twenty_mcp_layout").fetch_one(connection).await?;
    row.try_get(0)
}

async fn is_newest(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match step(connection).await {
        Ok(done) => Ok(usize::try_from(done).is_ok_and(|done| done == STEPS.len())),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(MISSING) => Ok(false),
        Err(error) => Err(error),
    }
}
