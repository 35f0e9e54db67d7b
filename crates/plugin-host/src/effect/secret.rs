use std::future::Future;

use jackfield_plugin_abi::messages::{CallError, SecretReveal, capability, code};

use super::{Performer, Reply};

impl<'a> Performer<'a> {
    /// Shows a field of a credential to a plugin that asks for that in its manifest and was granted it.
    pub(super) fn reveal<'p>(
        &'p self,
        reveal: &SecretReveal<'_>,
    ) -> Result<impl Future<Output = Result<Reply, CallError>> + Send + use<'a, 'p>, CallError>
    {
        self.capable(capability::SECRET_REVEAL)?;
        let slot = self.slot(&reveal.credential)?;
        let field = reveal.field.clone().into_owned();
        Ok(async move {
            let secret = self.services.reveal(&slot.slot, &field).await?;
            Ok(Reply::Secret(secret))
        })
    }

    fn capable(&self, capability: &str) -> Result<(), CallError> {
        let name = self.plugin.name();
        let refuse = |message| Err(CallError::new(code::CAPABILITY_NOT_GRANTED, message));
        let manifest = self.plugin.manifest();
        let asked = manifest.is_some_and(|manifest| {
            manifest
                .capabilities
                .iter()
                .any(|asked| asked == capability)
        });
        if !asked {
            return refuse(format!(
                "the plugin {name} uses {capability} without asking for it in its manifest; let the host put the credential on the request"
            ));
        }
        match self
            .plugin
            .grants()
            .is_some_and(|grants| grants.has(capability))
        {
            true => Ok(()),
            false => refuse(format!(
                "the plugin {name} was not granted the capability {capability}. To grant it, run `jackfield plugin grant {name} --capabilities {capability}`"
            )),
        }
    }
}
