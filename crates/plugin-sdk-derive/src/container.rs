use syn::{Attribute, LitStr};

use crate::setting::{Setting, settings};

/// What `#[config(…)]` and serde's attribute say about a type.
pub(crate) struct Container {
    /// What a form shows above it.
    pub(crate) label: Option<LitStr>,
    /// How serde writes its names, when the author chose that.
    pub(crate) rename_all: Option<LitStr>,
    /// Whether members that it does not know are accepted.
    pub(crate) open: bool,
    /// Whether it is a tagged or untagged enum, whose names and shape are the author's.
    pub(crate) is_tagged: bool,
}

impl Container {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut container = Self {
            label: None,
            rename_all: None,
            open: false,
            is_tagged: false,
        };
        for setting in settings(attributes, "config")? {
            match () {
                () if setting.is("label") => container.label = Some(setting.text()?),
                () if setting.is("open") => container.open = true,
                () => return Err(setting.wrong("there are `label = \"…\"` and `open`")),
            }
        }
        for setting in settings(attributes, "serde")? {
            match () {
                () if setting.is("rename_all") => container.rename_all = Some(setting.text()?),
                () if is_tag(&setting) => container.is_tagged = true,
                () => {}
            }
        }
        Ok(container)
    }
}

fn is_tag(setting: &Setting) -> bool {
    setting.is("tag") || setting.is("untagged") || setting.is("transparent")
}
