use std::future::Future;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::{
    CallError, HmacAlgorithm, HmacVerify, SignatureEncoding, code,
};

use super::{Performer, Reply};

impl<'a> Performer<'a> {
    /// Compares in constant time. A signature that is not even well written is not valid, and no error.
    pub(super) fn hmac<'p>(
        &'p self,
        verify: &HmacVerify<'_>,
        frame: &Frame<'_>,
        bytes: &Bytes,
    ) -> Result<impl Future<Output = Result<Reply, CallError>> + Send + use<'a, 'p>, CallError>
    {
        let slot = self.slot(&verify.credential)?;
        let message = frame.attachment(verify.message).map_err(|error| {
            CallError::new(code::INVALID_REQUEST, format!("hmac.verify: {error}"))
        })?;
        let message = bytes.slice_ref(message);
        let field = verify.field.clone().into_owned();
        let algorithm = algorithm(verify.algorithm);
        let signature = decode(&verify.signature, verify.encoding);
        Ok(async move {
            if self.services.vouches() {
                return Ok(Reply::Verified(true));
            }
            let key = self.services.signing_key(&slot.slot, &field).await?;
            let key = hmac::Key::new(algorithm, key.expose());
            let valid = signature.is_some_and(|tag| hmac::verify(&key, &message, &tag).is_ok());
            Ok(Reply::Verified(valid))
        })
    }
}

fn algorithm(algorithm: HmacAlgorithm) -> hmac::Algorithm {
    match algorithm {
        HmacAlgorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        HmacAlgorithm::Sha256 => hmac::HMAC_SHA256,
        HmacAlgorithm::Sha512 => hmac::HMAC_SHA512,
    }
}

fn decode(signature: &str, encoding: SignatureEncoding) -> Option<Vec<u8>> {
    match encoding {
        SignatureEncoding::Hex => hex::decode(signature).ok(),
        SignatureEncoding::Base64 => STANDARD.decode(signature).ok(),
    }
}
