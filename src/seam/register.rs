//! `register!`: how a plug-in file makes itself known.

/// Registers what a plug-in file defines; the one line by which it is found.
///
/// ```ignore
/// crate::register!(Hello);                       // a tool
/// crate::register!(pack Twenty);                 // what tools share
/// crate::register!(auth-provider StaticTokens);  // a way to sign in
/// ```
#[macro_export]
macro_rules! register {
    (pack $pack:ty) => {
        ::inventory::submit! { $crate::seam::PackEntry::of::<$pack>(module_path!(), line!()) }
    };
    (auth-provider $provider:ty) => {
        ::inventory::submit! { $crate::seam::AuthProviderEntry::of::<$provider>(module_path!(), line!()) }
    };
    ($tool:ty) => {
        ::inventory::submit! { $crate::seam::ToolEntry::of::<$tool>(module_path!(), line!()) }
    };
}
