//! `register!`: how a plug-in file makes itself known.

/// Registers what a plug-in file defines; the one line by which it is found.
///
/// ```ignore
/// crate::register!(Hello);                       // a tool
/// crate::register!(live-tools Drawers);          // tools that come and go
/// crate::register!(resource Motto);              // what clients read by its address
/// crate::register!(prompt Welcome);              // what begins a conversation
/// crate::register!(completion Names);            // proposals for an argument
/// crate::register!(pack Twenty);                 // what these share
/// crate::register!(auth-provider StaticTokens);  // a way to sign in
/// crate::register!(key-store FileStore);         // a place for stored keys
/// ```
#[macro_export]
macro_rules! register {
    (live-tools $source:ty) => {
        ::inventory::submit! { $crate::seam::LiveToolsEntry::of::<$source>(module_path!(), line!()) }
    };
    (resource $resource:ty) => {
        ::inventory::submit! { $crate::seam::ResourceEntry::of::<$resource>(module_path!(), line!()) }
    };
    (prompt $prompt:ty) => {
        ::inventory::submit! { $crate::seam::PromptEntry::of::<$prompt>(module_path!(), line!()) }
    };
    (completion $completion:ty) => {
        ::inventory::submit! { $crate::seam::CompletionEntry::of::<$completion>(module_path!(), line!()) }
    };
    (pack $pack:ty) => {
        ::inventory::submit! { $crate::seam::PackEntry::of::<$pack>(module_path!(), line!()) }
    };
    (auth-provider $provider:ty) => {
        ::inventory::submit! { $crate::seam::AuthProviderEntry::of::<$provider>(module_path!(), line!()) }
    };
    (key-store $store:ty) => {
        ::inventory::submit! { $crate::seam::KeyStoreEntry::of::<$store>(module_path!(), line!()) }
    };
    ($tool:ty) => {
        ::inventory::submit! { $crate::seam::ToolEntry::of::<$tool>(module_path!(), line!()) }
    };
}
