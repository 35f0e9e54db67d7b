//! Makes JSON Web Tokens, good ones and bad ones, as a foreign issuer would.

use anyhow::{Result, anyhow};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use aws_lc_rs::{hmac, rsa};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD as BASE64, BASE64_URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};

/// A key that signs tokens, known to verifiers by its key id.
pub struct SigningKey {
    id: String,
    kind: Kind,
}

enum Kind {
    /// `HS256` with a shared secret.
    Hmac(Vec<u8>),
    /// `RS256`.
    Rsa(Box<RsaKeyPair>),
    /// `ES256`.
    P256(Box<EcdsaKeyPair>),
    /// `EdDSA` with Ed25519.
    Ed25519(Box<Ed25519KeyPair>),
    /// `none`: no signature at all.
    Unsigned,
}

/// The RSA key of a service account, as its provider gives it out.
pub struct ServiceKey {
    /// The private half, PEM.
    pub pem: String,
    public: Vec<u8>,
}

impl ServiceKey {
    /// A new key of 2048 bits.
    pub fn generate() -> Result<Self> {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048)?;
        let der = pair.as_der()?;
        let text = BASE64.encode(der.as_ref());
        let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
        let lines: Vec<_> = lines.collect();
        Ok(Self {
            pem: format!(
                "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
                lines.join("\n")
            ),
            public: pair.public_key().as_ref().to_vec(),
        })
    }

    /// Header and claims of a token that this key has signed with `RS256`.
    pub fn verified(&self, token: &str) -> Result<(Value, Value)> {
        let (content, signature) = token.rsplit_once('.').ok_or_else(|| anyhow!("no token"))?;
        let key =
            signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &self.public);
        key.verify(content.as_bytes(), &BASE64URL.decode(signature)?)?;
        let (header, claims) = content.split_once('.').ok_or_else(|| anyhow!("no token"))?;
        let part =
            |text: &str| -> Result<Value> { Ok(serde_json::from_slice(&BASE64URL.decode(text)?)?) };
        Ok((part(header)?, part(claims)?))
    }
}

impl SigningKey {
    /// A shared secret.
    #[must_use]
    pub fn hs256(secret: &[u8]) -> Self {
        Self {
            id: "hmac".into(),
            kind: Kind::Hmac(secret.to_vec()),
        }
    }

    /// A new RSA key of 2048 bits.
    pub fn rs256(id: &str) -> Result<Self> {
        let der = rsa::KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
        Ok(Self {
            id: id.into(),
            kind: Kind::Rsa(Box::new(RsaKeyPair::from_pkcs8(der.as_ref())?)),
        })
    }

    /// A new key on the curve P-256.
    pub fn es256(id: &str) -> Result<Self> {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)?;
        Ok(Self {
            id: id.into(),
            kind: Kind::P256(Box::new(pair)),
        })
    }

    /// A new Ed25519 key.
    pub fn eddsa(id: &str) -> Result<Self> {
        Ok(Self {
            id: id.into(),
            kind: Kind::Ed25519(Box::new(Ed25519KeyPair::generate()?)),
        })
    }

    /// The algorithm `none`, which nobody may accept.
    #[must_use]
    pub fn unsigned() -> Self {
        Self {
            id: "none".into(),
            kind: Kind::Unsigned,
        }
    }

    /// A compact token with these claims.
    pub fn token(&self, claims: &Value) -> Result<String> {
        let header = json!({"typ": "JWT", "alg": self.algorithm(), "kid": self.id});
        let content = format!(
            "{}.{}",
            BASE64URL.encode(header.to_string()),
            BASE64URL.encode(claims.to_string())
        );
        let signature = self.sign(content.as_bytes())?;
        Ok(format!("{content}.{}", BASE64URL.encode(signature)))
    }

    /// The public half as a JSON Web Key; a shared secret has none.
    pub fn public_jwk(&self) -> Result<Value> {
        let mut key = match &self.kind {
            Kind::Rsa(pair) => {
                // DER of a 2048-bit RSAPublicKey (RFC 8017, A.1.1): 9 bytes of headers, 256 of modulus,
                // 2 of a header, 3 of exponent.
                let der = pair.public_key().as_ref();
                let (modulus, exponent) = (&der[9..265], &der[267..]);
                json!({"kty": "RSA", "n": BASE64URL.encode(modulus), "e": BASE64URL.encode(exponent)})
            }
            Kind::P256(pair) => {
                // An uncompressed point: 4, x, y.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": BASE64URL.encode(x), "y": BASE64URL.encode(y)})
            }
            Kind::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL.encode(pair.public_key().as_ref())})
            }
            Kind::Hmac(_) | Kind::Unsigned => {
                return Err(anyhow!("{} has no public key", self.algorithm()));
            }
        };
        key["kid"] = json!(self.id);
        key["alg"] = json!(self.algorithm());
        key["use"] = json!("sig");
        Ok(key)
    }

    fn algorithm(&self) -> &'static str {
        match self.kind {
            Kind::Hmac(_) => "HS256",
            Kind::Rsa(_) => "RS256",
            Kind::P256(_) => "ES256",
            Kind::Ed25519(_) => "EdDSA",
            Kind::Unsigned => "none",
        }
    }

    fn sign(&self, content: &[u8]) -> Result<Vec<u8>> {
        let random = SystemRandom::new();
        Ok(match &self.kind {
            Kind::Hmac(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, content).as_ref().to_vec()
            }
            Kind::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &signature::RSA_PKCS1_SHA256,
                    &random,
                    content,
                    &mut signature,
                )?;
                signature
            }
            Kind::P256(pair) => pair.sign(&random, content)?.as_ref().to_vec(),
            Kind::Ed25519(pair) => pair.sign(content).as_ref().to_vec(),
            Kind::Unsigned => Vec::new(),
        })
    }
}
