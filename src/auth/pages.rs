//! Who is at a page of this server: they sign in at the provider that vouches for callers of the same name.

use super::{Guard, challenge::Refusal, kit::WebAddress};
use crate::{
    seam::{AuthError, Issuer, Pages, Principal, SignIn, SignedIn, User, Verifier},
    telemetry::Source,
};
use poem::Request;
use std::sync::Arc;

impl Guard {
    /// The base URL of this server by which people of this issuer can sign in at its pages: an issuer that lives here is
    /// called as that, any other one is no matter of ours. None where they cannot.
    #[must_use]
    pub fn pages_for(&self, issuer: &Issuer) -> Option<String> {
        self.provider(issuer).map(|(.., base)| base.to_owned())
    }

    /// The base URL of this server by which a request asked.
    #[must_use]
    pub fn asked_by(&self, request: &Request) -> &str {
        self.here.asked_by(request)
    }

    /// Where the browser of somebody of this issuer is sent to sign in.
    ///
    /// # Errors
    /// They cannot, or not just now.
    pub async fn sign_in(&self, issuer: &Issuer, of: &SignIn) -> Result<String, AuthError> {
        let (_, pages, _) = self.provider(issuer).ok_or(AuthError::Invalid)?;
        pages.address(of).await
    }

    /// Who has come back from there. The token is verified as a caller's would be, and goes no further.
    ///
    /// # Errors
    /// Nobody whom the provider vouches for.
    pub async fn signed_in(
        &self,
        issuer: &Issuer,
        back: &SignedIn,
        of: &SignIn,
        source: &Source,
    ) -> Result<User, AuthError> {
        let judged = async {
            let (provider, pages, _) = self.provider(issuer).ok_or(AuthError::Invalid)?;
            let token = pages.redeem(back, of).await?;
            provider.verify(&token, &self.here, self.surface).await
        };
        match judged.await {
            Ok(user) => {
                self.report(Ok(&Principal::User(user.clone())), source);
                Ok(user)
            }
            Err(error) => {
                let refusal = Refusal::from(error.clone());
                self.report(Err(&refusal), source);
                super::guard::note(&refusal);
                if error == AuthError::WrongAudience {
                    tracing::error!(%issuer, "the provider does not give the client of `connect` tokens for this server");
                }
                Err(error)
            }
        }
    }

    /// The provider that vouches for people of this issuer, how they sign in here, and the base URL to do it by.
    fn provider(&self, issuer: &Issuer) -> Option<(&Arc<dyn Verifier>, &dyn Pages, &str)> {
        // Pages that take secrets are by https, or on this machine.
        self.here.bases().iter().filter(|base| WebAddress::parse(base).is_ok()).find_map(|base| {
            self.providers.iter().find_map(|provider| {
                let servers = provider.authorization_servers(base);
                let vouches = servers.iter().any(|server| server == issuer.as_str());
                Some((provider, provider.pages().filter(|_| vouches)?, base.as_str()))
            })
        })
    }
}
