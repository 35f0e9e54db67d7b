//! Who may do what: the one authorization layer, below every interface.
//!
//! A function that reads or writes takes a [`Permit`]. There are two ways to get one:
//! [`Principal::permit`], which checks the caller's role and scopes, and [`Permit::system`] for the server's
//! own work. So a read or write without a check does not compile.

mod permit;
mod principal;
mod role;
mod scope;

pub use permit::{
    CreateWorkspaces, Denied, EditWorkflows, ManageApps, ManageEventTypes, ManageKeys,
    ManageMessageTemplates, ManageUsers, ManageVariables, ManageWebhooks, ManageWorkspace,
    OwnAccount, Permission, Permit, PublishEvents, Read, ReadAuditLog, StartRuns, WritePermission,
};
pub use principal::{Actor, Principal};
pub use role::Role;
pub use scope::{Scope, Scopes};
