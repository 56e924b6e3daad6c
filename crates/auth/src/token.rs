//! Access tokens (JWT, RFC 7519, HS256) and random tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commandcenter_domain::identity::{CryptoError, TokenClaims, TokenIssuer};
use commandcenter_domain::shared::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::key::MasterKey;

const ISSUER: &str = "commandcenter";
const AUDIENCE: &str = "commandcenter-api";

/// Issues and checks tokens with a key derived from the instance's secret.
pub struct JwtIssuer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    lifetime: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: i64,
    jti: String,
    iat: i64,
    exp: i64,
}

impl JwtIssuer {
    /// An issuer of tokens that live for so many seconds.
    #[must_use]
    pub fn new(key: &MasterKey, lifetime_seconds: u32) -> Self {
        let secret = key.derive("access token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is checked against the clock port below.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret.as_ref()),
            decoding: DecodingKey::from_secret(secret.as_ref()),
            validation,
            lifetime: lifetime_seconds,
        }
    }
}

impl std::fmt::Debug for JwtIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtIssuer([redacted])")
    }
}

impl TokenIssuer for JwtIssuer {
    fn issue(&self, claims: TokenClaims, now: Timestamp) -> Result<String, CryptoError> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user.to_string(),
            sid: claims.session.get(),
            jti: Uuid::new_v4().to_string(),
            iat,
            exp: iat + i64::from(self.lifetime),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(|err| CryptoError(err.to_string()))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Option<TokenClaims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let user = claims.sub.parse().ok()?;
        (claims.exp > now.timestamp()).then_some(TokenClaims { user: UserId::new(user), session: SessionId::new(claims.sid) })
    }

    fn lifetime_seconds(&self) -> u32 {
        self.lifetime
    }

    fn random(&self) -> Result<String, CryptoError> {
        let mut bytes = [0_u8; 32];
        SysRng.try_fill_bytes(&mut bytes).map_err(|err| CryptoError(err.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn fingerprint(&self, random: &str) -> String {
        hex::encode(Sha256::digest(random.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CLAIMS: TokenClaims = TokenClaims { user: UserId::new(7), session: SessionId::new(9) };

    fn issuer(secret: &str) -> JwtIssuer {
        JwtIssuer::new(&MasterKey::new(secret), 900)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_token_lives_exactly_as_long_as_it_says() {
        let issuer = issuer("one");
        let token = issuer.issue(CLAIMS, at(1000)).unwrap();
        assert_eq!(issuer.verify(&token, at(1899)), Some(CLAIMS));
        assert_eq!(issuer.verify(&token, at(1900)), None);
    }

    #[test]
    fn forged_tokens_are_refused() {
        let ours = issuer("one");
        assert_eq!(ours.verify(&issuer("two").issue(CLAIMS, at(0)).unwrap(), at(1)), None, "another key");
        let token = ours.issue(CLAIMS, at(0)).unwrap();
        let (_, rest) = token.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert_eq!(ours.verify(&format!("{none}.{payload}."), at(1)), None, "no signature");
        let claims = |aud: &str, iss: &str| json!({"iss": iss, "aud": aud, "sub": "7", "sid": 9, "jti": "x", "iat": 0, "exp": 900});
        for (aud, iss, alg) in
            [("other", ISSUER, Algorithm::HS256), (AUDIENCE, "other", Algorithm::HS256), (AUDIENCE, ISSUER, Algorithm::HS512)]
        {
            let forged = jsonwebtoken::encode(&Header::new(alg), &claims(aud, iss), &ours.encoding).unwrap();
            assert_eq!(ours.verify(&forged, at(1)), None, "{aud} {iss} {alg:?}");
        }
        // A header that promises another kind of signature over the one that is ours.
        for alg in ["RS256", "ES256", "HS384", "nOnE"] {
            let head = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#));
            let message = format!("{head}.{payload}");
            let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &ours.encoding, Algorithm::HS256).unwrap();
            assert_eq!(ours.verify(&format!("{message}.{signature}"), at(1)), None, "{alg}");
        }
        let without = jsonwebtoken::encode(
            &Header::default(),
            &json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "7", "sid": 9, "jti": "x", "iat": 0}),
            &ours.encoding,
        );
        assert_eq!(ours.verify(&without.unwrap(), at(1)), None, "no end");
        assert_eq!(ours.verify("not a token", at(1)), None);
    }
}
