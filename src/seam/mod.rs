//! What plug-ins are written against, and nothing else of ours: each seam is a small typed trait for authors over an
//! erased entry for the registry.
//!
//! | a plug-in file holds | it implements | and says |
//! |---|---|---|
//! | a tool | [`Tool`] on its arguments | `crate::register!(Hello);` |
//! | tools that come and go | [`LiveTools`] on a type that holds nothing | `crate::register!(live-tools Drawers);` |
//! | what clients read by its address | [`Resource`] on the address's variables | `crate::register!(resource Motto);` |
//! | what begins a conversation | [`Prompt`] on its arguments | `crate::register!(prompt Welcome);` |
//! | proposals for an argument of these two | [`Completion`] | `crate::register!(completion Names);` |
//! | what these share | [`Pack`] | `crate::register!(pack Twenty);` |
//! | a way to sign in | [`AuthProvider`] | `crate::register!(auth-provider StaticTokens);` |
//! | a place for stored keys | [`KeyStore`] | `crate::register!(key-store FileStore);` |

mod access;
mod approve;
mod ask;
mod auth_provider;
mod call;
mod caller_key;
mod canonical;
mod capabilities;
mod change;
mod choice;
mod client;
mod completion;
mod connect;
mod content;
mod credential;
mod deadline;
mod duration;
mod effect;
mod erased;
mod error;
mod form;
mod given;
mod key_store;
mod live_tools;
mod log_level;
mod messages;
mod origin;
mod output;
mod outside;
mod pack;
mod policy;
mod principal;
mod private;
mod prompt;
mod protected_resource;
mod question;
mod register;
mod resource;
mod sealer;
mod secret;
mod settings;
mod sign_in;
mod size;
mod surface;
mod task;
mod tool;
mod tool_options;
mod trace;
mod trial;

pub use access::{Access, Challenge, MissingScope, Need, ServedScopes};
pub use approve::Approve;
pub use ask::{ANSWER_WITHIN, Answer};
pub use auth_provider::{
    AuthError, AuthProvider, AuthProviderEntry, BearerToken, BuildProvider, ROUTES, Verifier,
};
pub use call::{Act, Call, Caller, Common, Halt, Heard, Silent};
pub use caller_key::{CallerKey, CallerKeys};
pub use canonical::canonical;
pub use capabilities::{Capabilities, TASKS};
pub use change::{Change, Changes};
pub use choice::Choice;
pub use client::{Root, Sampled, Sampling};
pub use completion::{Arguments, Complete, Completed, Completion, CompletionEntry};
pub use connect::{CONNECT, Connect};
pub use content::{Annotations, Content, Contents, Icon, ResourceBody, ResourceLink, Role, Theme};
pub use credential::{Credential, CredentialId, Credentials, NoCredentials, Upstream, Whose};
pub use deadline::Deadline;
pub use duration::DurationText;
pub use effect::Effect;
pub use error::{ErrorKind, SetupError, ToolError};
pub use form::Form;
pub use given::{Given, NULL_COUNTS};
pub use key_store::{
    BuildStore, KeyOwner, KeyStore, KeyStoreEntry, LegacyKey, SealedKey, Shelf, StoreError, StoredKey,
};
pub use live_tools::{ListLiveTools, LiveTool, LiveTools, LiveToolsEntry, RunLiveTool};
pub use log_level::LogLevel;
pub use messages::{Message, Messages};
pub use origin::Origin;
pub use output::{Output, ToolOutput};
pub use outside::{Inside, is_here, may_be_asked, outside, outside_alone};
pub use pack::{BuiltPack, EnvVar, Pack, PackEntry, SandboxKeys, Setup, UrlAndKey};
pub use policy::{AuthMode, OperatorKey};
pub use principal::{Issuer, Principal, Scope, Scopes, Subject, User};
pub use private::private_file;
pub use prompt::{GetPrompt, Prompt, PromptEntry};
pub use protected_resource::ProtectedResource;
pub use question::Question;
pub use resource::{ListResources, ReadResource, Resource, ResourceEntry};
pub use sealer::{NotSealedHere, Seal, Sealer, TooLongToSeal};
pub use secret::Secret;
pub use settings::{ReadError, SettingsEntry};
pub use sign_in::{CALLBACK, Pages, SignIn, SignedIn};
pub use size::ByteSize;
pub use surface::Surface;
pub use task::Task;
pub use tool::{RunTool, Tool, ToolEntry};
pub use tool_options::ToolOptions;
pub use trace::Trace;
pub use trial::{Opened, Trial, TrialError};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
