use crate::text_enum::text_enum;

text_enum! {
    /// What a caller is in a workspace. Each role may do all that the ones before it may.
    #[derive(PartialOrd, Ord)]
    pub enum Role {
        /// Sees everything but secrets.
        Viewer => "viewer",
        /// Also edits workflows and event types, starts runs and publishes events.
        Editor => "editor",
        /// Also manages connected apps, API keys, users and the workspace's rules.
        Admin => "admin",
        /// May do everything.
        Owner => "owner",
    }
}
