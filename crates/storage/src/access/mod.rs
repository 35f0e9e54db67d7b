//! Who may do what: the one authorization layer, below every interface.
//!
//! A function that reads or writes takes a [`Permit`]. There are two ways to get one:
//! [`Principal::permit`], which checks the caller's role, and [`Permit::system`] for the server's
//! own work. So a read or write without a check does not compile.

mod permit;
mod principal;
mod role;

pub use permit::{
    Denied, EditWorkflows, ManageApps, ManageEventTypes, ManageKeys, ManageVariables,
    ManageWebhooks, ManageWorkspace, Permission, Permit, PublishEvents, Read, StartRuns,
    WritePermission,
};
pub use principal::{Actor, Principal};
pub use role::Role;
