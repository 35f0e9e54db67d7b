use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use url::Host;

use super::Server;
use crate::error::{EgressError, ErrorCode};
use crate::send::Inner;

/// How a connection to a server is secured, whatever address is dialled.
pub(super) fn config(inner: &Inner, server: &Server) -> Result<ClientConfig, EgressError> {
    let fail =
        |cause: Error| EgressError::new(ErrorCode::Tls, format!("TLS cannot be set up: {cause}"));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let name = match server.host() {
        Host::Domain(name) => ServerName::try_from(name.to_owned())
            .map_err(|error| fail(Error::General(error.to_string())))?,
        Host::Ipv4(ip) => ServerName::from(IpAddr::V4(ip)),
        Host::Ipv6(ip) => ServerName::from(IpAddr::V6(ip)),
    };
    let roots = inner.nats.roots(&provider).clone();
    let named = Named { name, roots };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(fail)?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(named))
        .with_no_client_auth())
}

/// Authorities whose certificates count, or why there are none.
pub(super) type Roots = Result<Arc<Verifier>, Error>;

/// The authorities of this machine, as HTTPS has them.
pub(super) fn roots(provider: &Arc<CryptoProvider>) -> Roots {
    Verifier::new(provider.clone()).map(Arc::new)
}

/// Checks the certificate for the name of the server. The library would check it for the address that it dials, which is
/// all that it is told.
#[derive(Debug)]
struct Named {
    name: ServerName<'static>,
    roots: Roots,
}

impl Named {
    fn verifier(&self) -> Result<&Verifier, Error> {
        self.roots.as_deref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _dialled: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier()?.verify_server_cert(
            end_entity,
            intermediates,
            &self.name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier()
            .map(Verifier::supported_verify_schemes)
            .unwrap_or_default()
    }
}
