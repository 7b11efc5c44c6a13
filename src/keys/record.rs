//! A stored record opened, by which secret it was sealed, and sealed anew.

use super::{
    envelope::{self, Envelope, OwnKey},
    error::VaultError,
    masters::Masters,
};
use crate::seam::{KeyOwner, LegacyKey, SealedKey, StoredKey};
use jiff::Timestamp;
use url::Url;

/// What a record is sealed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedWith {
    /// The first secret: as it should be.
    First,
    /// A secret behind the first.
    Older,
    /// The TypeScript server's format alone.
    Legacy,
}

/// Opens what is stored for an owner; none where the record holds nothing.
///
/// What is sealed decides: what the TypeScript server left counts only where nothing else is there.
pub(super) async fn open(
    masters: &Masters,
    owner: &KeyOwner,
    stored: &StoredKey,
) -> Result<Option<(OwnKey, SealedWith)>, VaultError> {
    let Some(sealed) = &stored.sealed else {
        let Some(legacy) = &stored.legacy else { return Ok(None) };
        return Ok(Some((open_legacy(masters, legacy).await?, SealedWith::Legacy)));
    };
    let envelope = Envelope::parse(&sealed.text).ok_or(VaultError::Changed)?;
    let first = masters.first().await?.id();
    let master = masters.of(envelope.master()).await?;
    let master = master.ok_or_else(|| VaultError::UnknownMaster(envelope.master()))?;
    let own = envelope.open(master, owner).ok_or(VaultError::Changed)?;
    let with = if master.id() == first { SealedWith::First } else { SealedWith::Older };
    Ok(Some((own, with)))
}

async fn open_legacy(masters: &Masters, legacy: &LegacyKey) -> Result<OwnKey, VaultError> {
    let opened = masters.legacy().await?.iter().find_map(|master| master.open(&legacy.api_key));
    let key = opened.ok_or(VaultError::UnknownLegacy)?;
    let text = legacy.base_url.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let base_url = text.map(|text| web_address(text).ok_or(VaultError::LegacyAddress)).transpose()?;
    let created_at = legacy.updated_at.as_deref().and_then(|at| at.parse().ok());
    Ok(OwnKey { key, base_url, created_at: created_at.unwrap_or_else(Timestamp::now) })
}

fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A key sealed with the first secret, beside what the TypeScript server left.
pub(super) async fn sealed(
    masters: &Masters,
    owner: &KeyOwner,
    own: &OwnKey,
    legacy: Option<LegacyKey>,
) -> Result<StoredKey, VaultError> {
    let text = envelope::seal(masters.first().await?, owner, own)?;
    Ok(StoredKey { sealed: Some(SealedKey { text, updated_at: own.created_at }), legacy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::legacy::VECTORS, seam::Secret};

    fn legacy(text: &str, url: Option<&str>, at: Option<&str>) -> StoredKey {
        let (base_url, updated_at) = (url.map(str::to_owned), at.map(str::to_owned));
        StoredKey { sealed: None, legacy: Some(LegacyKey { api_key: text.into(), base_url, updated_at }) }
    }

    fn masters(secrets: &[&str]) -> Masters {
        Masters::new(&secrets.iter().map(|secret| Secret::new(*secret)).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn what_the_typescript_server_left_opens_and_is_sealed_beside_it() {
        let (owner, (secret, key, text)) = (KeyOwner::new("i", "ann", "crm"), VECTORS[0]);
        // Its secret may have become an older one.
        let masters = masters(&["a new secret of 32 characters, or so!", secret]);
        let at = "2025-06-07T08:09:10.123Z";
        let old = legacy(text, Some("https://crm.example/"), Some(at));
        let (own, with) = open(&masters, &owner, &old).await.unwrap().unwrap();
        assert_eq!((own.key.expose(), with), (key, SealedWith::Legacy));
        assert_eq!(own.base_url.as_ref().unwrap().as_str(), "https://crm.example/");
        assert_eq!(own.created_at, at.parse().unwrap());

        let mut new = sealed(&masters, &owner, &own, old.legacy.clone()).await.unwrap();
        assert_eq!(new.legacy, old.legacy);
        // From now on another address beside it counts for nothing, and neither does another key.
        new.legacy = legacy(VECTORS[1].2, Some("https://evil.example"), None).legacy;
        let (again, with) = open(&masters, &owner, &new).await.unwrap().unwrap();
        assert_eq!((again.key.expose(), again.base_url, with), (key, own.base_url, SealedWith::First));
        // What is sealed and does not open is an error, whatever stands beside it.
        let stranger = open(&masters, &KeyOwner::new("i", "ben", "crm"), &new).await;
        assert_eq!(stranger.unwrap_err(), VaultError::Changed);
    }

    #[tokio::test]
    async fn what_does_not_open_says_why() {
        let (owner, (secret, _, text)) = (KeyOwner::new("i", "ann", "crm"), VECTORS[0]);
        let (right, wrong) = (masters(&[secret]), masters(&["a new secret of 32 characters, or so!"]));
        let why = async |masters: &Masters, stored: &StoredKey| {
            open(masters, &owner, stored).await.map(|opened| opened.is_some())
        };
        let old = legacy(text, None, None);
        assert_eq!(why(&wrong, &old).await, Err(VaultError::UnknownLegacy));
        for bad in ["ftp://a.example", "nowhere", "data:x", "http:"] {
            assert_eq!(why(&right, &legacy(text, Some(bad), None)).await, Err(VaultError::LegacyAddress));
        }
        assert_eq!(why(&right, &legacy(text, Some(" "), Some("long ago"))).await, Ok(true));
        assert_eq!(why(&right, &StoredKey { sealed: None, legacy: None }).await, Ok(false));
        let (own, _) = open(&right, &owner, &old).await.unwrap().unwrap();
        let mut new = sealed(&right, &owner, &own, None).await.unwrap();
        assert!(matches!(why(&wrong, &new).await, Err(VaultError::UnknownMaster(_))));
        new.sealed.as_mut().unwrap().text = "v3.x".into();
        assert_eq!(why(&right, &new).await, Err(VaultError::Changed));
        assert_eq!(why(&masters(&[]), &old).await, Err(crate::keys::NoMaster::NoSecret.into()));
    }
}
