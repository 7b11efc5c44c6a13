//! `twenty-mcp keys`: the keys that users stored. It works while servers run on the same store.

use super::{
    Failure, inventory, note, say,
    settings::{Settings, misfit},
};
use crate::{
    config::Flags,
    keys::{Done, SealedWith, Upkeep, Vault, VaultError},
    seam::{KeyOwner, StoreError},
    server,
};
use clap::{Args, Subcommand};
use serde_json::json;

/// The keys that users stored: whose they are, sealing them anew, deleting one; never a key itself.
#[derive(Subcommand)]
pub(super) enum Keys {
    /// List whose keys are stored, since when, and whether they open.
    List {
        #[command(flatten)]
        settings: Settings,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Seal with the first of `keys.secrets` what an older one sealed; after that the older one may go.
    Rotate {
        #[command(flatten)]
        all: All,
    },
    /// Seal with the first of `keys.secrets` what the TypeScript server stored; its own fields stay beside it.
    Migrate {
        #[command(flatten)]
        all: All,
        /// Take its fields out of every record that opens without them
        #[arg(long)]
        remove_legacy: bool,
    },
    /// Delete what one user stored.
    Delete {
        #[command(flatten)]
        all: All,
        /// Who vouches for the user, as `keys list` tells it
        #[arg(long, value_name = "ISSUER")]
        issuer: String,
        /// Who they are to that issuer
        #[arg(long, value_name = "SUBJECT")]
        subject: String,
        /// The pack that the key is for [default: every pack]
        #[arg(long, value_name = "PACK")]
        provider: Option<String>,
    },
}

/// With which configuration, and whether to change anything.
#[derive(Args)]
pub(super) struct All {
    #[command(flatten)]
    settings: Settings,
    /// Tell what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { settings, json } => list(&vault(&settings)?, json).await,
            Self::Rotate { all } => keep_up(&all, Upkeep::Rotate).await,
            Self::Migrate { all, remove_legacy } => {
                let upkeep = if remove_legacy { Upkeep::MigrateAndRemove } else { Upkeep::Migrate };
                keep_up(&all, upkeep).await
            }
            Self::Delete { all, issuer, subject, provider } => {
                let vault = vault(&all.settings)?;
                let is_theirs = |owner: &KeyOwner| {
                    owner.issuer.as_str() == issuer
                        && owner.subject.as_str() == subject
                        && provider.as_ref().is_none_or(|provider| *provider == owner.provider)
                };
                delete(&vault, is_theirs, all.dry_run).await
            }
        }
    }
}

/// The vault of the configuration, whether or not callers sign in.
fn vault(settings: &Settings) -> Result<Vault, Failure> {
    let mut loaded = settings.load(false, Flags { keys: true, ..Flags::default() })?;
    let data_dir = loaded.config.server.data_dir.clone();
    let built = server::vault(&mut loaded.config.keys, data_dir.as_deref());
    built.map_err(|error| misfit(&loaded, &error))?.ok_or_else(|| {
        let message = "no keys are kept: set `server.data_dir`, or name a store under `keys.store`";
        misfit(&loaded, &server::Misfit::at(&["keys"], message))
    })
}

/// Every owner, page by page: `work` on one, then the next.
async fn each(
    vault: &Vault,
    mut work: impl AsyncFnMut(&KeyOwner) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut last: Option<KeyOwner> = None;
    loop {
        let page = vault.owners(last.as_ref()).await.map_err(|error| failed(&error.into()))?;
        for owner in &page {
            work(owner).await?;
        }
        match page.into_iter().next_back() {
            Some(owner) => last = Some(owner),
            None => return Ok(()),
        }
    }
}

async fn list(vault: &Vault, as_json: bool) -> Result<(), Failure> {
    let mut rows = Vec::new();
    each(vault, async |owner| {
        let Some(seen) = vault.look(owner).await.map_err(|error| failed(&error.into()))? else { return Ok(()) };
        let state = match &seen.sealed {
            Ok(SealedWith::First) => "current".to_owned(),
            Ok(SealedWith::Older) => "older secret: `keys rotate`".to_owned(),
            Ok(SealedWith::Legacy) => "TypeScript server's: `keys migrate`".to_owned(),
            Err(error) => error.to_string(),
        };
        rows.push(json!({
            "subject": owner.subject.as_str(),
            "issuer": owner.issuer.as_str(),
            "pack": owner.provider,
            "updatedAt": seen.updated_at.map(|at| at.to_string()),
            "opens": seen.sealed.is_ok(),
            "legacy": seen.legacy,
            "beside": if seen.legacy && seen.sealed != Ok(SealedWith::Legacy) { "old fields beside it" } else { "" },
            "state": state,
        }));
        Ok(())
    })
    .await?;
    if rows.is_empty() && !as_json {
        note("No keys are stored.");
        return Ok(());
    }
    inventory::print(&rows, &["subject", "issuer", "pack", "updatedAt", "state", "beside"], as_json)
}

async fn keep_up(all: &All, upkeep: Upkeep) -> Result<(), Failure> {
    let (vault, dry_run) = (vault(&all.settings)?, all.dry_run);
    vault.ready().map_err(|error| Failure::Configuration(format!("error: {error}")))?;
    let (mut done, mut nothing, mut not_opened) = (0, 0, 0);
    each(&vault, async |owner| {
        match vault.keep_up(owner, upkeep, dry_run).await {
            Ok(Done::Nothing) => nothing += 1,
            Ok(what) => {
                done += 1;
                say(format_args!(
                    "{} {}: {}",
                    if dry_run { "would be" } else { "is" },
                    told(what),
                    named(owner)
                ))?;
            }
            Err(error @ (VaultError::Store(_) | VaultError::NoMaster(_))) => return Err(failed(&error)),
            Err(error) => {
                not_opened += 1;
                note(format_args!("left as it is: {}: {error}", named(owner)));
            }
        }
        Ok(())
    })
    .await?;
    let would = if dry_run { "would be changed" } else { "changed" };
    say(format_args!("{done} {would}, {nothing} as they should be, {not_opened} left as they are"))?;
    if not_opened == 0 {
        return Ok(());
    }
    Err(Failure::Running(format!(
        "{not_opened} could not be worked on; their users can store their keys again"
    )))
}

const fn told(done: Done) -> &'static str {
    match done {
        Done::Nothing => "as it should be",
        Done::Sealed => "sealed with the first secret",
        Done::Removed => "rid of the TypeScript server's fields",
        Done::SealedAndRemoved => "sealed with the first secret and rid of the TypeScript server's fields",
    }
}

async fn delete(vault: &Vault, is_theirs: impl Fn(&KeyOwner) -> bool, dry_run: bool) -> Result<(), Failure> {
    let mut deleted = 0;
    each(vault, async |owner| {
        if is_theirs(owner) && (dry_run || vault.delete(owner).await.map_err(|error| failed(&error))?) {
            deleted += 1;
            say(format_args!("{} deleted: {}", if dry_run { "would be" } else { "is" }, named(owner)))?;
        }
        Ok(())
    })
    .await?;
    if deleted == 0 {
        let message = "there is no such key; `twenty-mcp keys list` tells whose there are";
        return Err(Failure::Running(message.to_owned()));
    }
    Ok(())
}

fn named(owner: &KeyOwner) -> String {
    format!("{} ({}) for `{}`", owner.subject, owner.issuer, owner.provider)
}

/// At the terminal of whoever runs the server nothing is held back.
fn failed(error: &VaultError) -> Failure {
    Failure::Running(match error {
        VaultError::Store(StoreError::Broken(text)) => text.clone(),
        other => other.to_string(),
    })
}
