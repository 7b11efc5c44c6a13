//! The workspace itself, and its kinds of activity.

use serde_json::{Value as Json, json};

use crate::tools::twenty::sandbox::{
    model::{ident::ident, timeline::TIMELINE_TYPES},
    seed::words::MEMBERS,
};

use super::catalog::{STANDARD_APPLICATION, begun, custom_application};

/// What `currentWorkspace` says, the same in both profiles. What is not in here is not in the sandbox.
pub fn workspace() -> Json {
    json!({
        "id": ident(&["workspace"]),
        "displayName": "Sandbox",
        "logo": null,
        "logoFileId": null,
        "inviteHash": null,
        "deletedAt": null,
        "createdAt": begun(),
        "updatedAt": begun(),
        "allowImpersonation": false,
        "isPublicInviteLinkEnabled": false,
        "trashRetentionDays": 14,
        "workspaceMembersCount": MEMBERS.len(),
        "activationStatus": "ACTIVE",
        "metadataVersion": 1,
        "databaseSchema": "",
        "subdomain": "sandbox",
        "customDomain": null,
        "isGoogleAuthEnabled": false,
        "isMicrosoftAuthEnabled": false,
        "isPasswordAuthEnabled": true,
        "isCustomDomainEnabled": false,
        "featureFlags": [],
        "workspaceUrls": { "customUrl": null, "subdomainUrl": "https://sandbox.twenty.example" },
        "workspaceCustomApplicationId": custom_application(),
    })
}

/// What `timelineActivityTypes` says.
pub fn timeline_types() -> Json {
    let kinds = TIMELINE_TYPES.iter().map(|kind| {
        json!({
            "id": kind.id(),
            "universalIdentifier": kind.universal(),
            "name": kind.name,
            "label": kind.label,
            "emit": null,
            "action": kind.action,
            "icon": kind.icon,
            "frontComponentUniversalIdentifier": null,
            "objectUniversalIdentifier": null,
            "replacesTimelineActivityTypeUniversalIdentifier": null,
            "isActive": true,
            "applicationId": STANDARD_APPLICATION,
            "createdAt": begun(),
            "updatedAt": begun(),
        })
    });
    kinds.collect()
}
