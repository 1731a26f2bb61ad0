//! Encryption of connection URIs at rest: Fernet, as Python's `cryptography` has it.

use std::fmt;

use fernet::Fernet;

use super::StoreError;

/// Encrypts and decrypts with `ENCRYPT_KEY`. `Debug` does not show the key.
#[derive(Clone)]
pub struct Cipher(Fernet);

impl Cipher {
    /// Takes a key: 32 bytes in url-safe base64.
    pub fn from_key(key: &str) -> Result<Self, StoreError> {
        Fernet::new(key.trim())
            .map(Self)
            .ok_or(StoreError::MalformedKey)
    }

    /// Makes a new, random key.
    pub fn generate_key() -> String {
        Fernet::generate_key()
    }

    /// Encrypts a text into a token.
    pub(super) fn encrypt(&self, text: &str) -> String {
        self.0.encrypt(text.as_bytes())
    }

    /// Decrypts a token. None when it was made with another key, or changed since.
    pub(super) fn decrypt(&self, token: &str) -> Option<String> {
        let bytes = self.0.decrypt(token).ok()?;
        String::from_utf8(bytes).ok()
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_the_same_key_decrypts() {
        let key = Cipher::generate_key();
        let cipher = Cipher::from_key(&format!(" {key}\n")).unwrap();
        let token = cipher.encrypt("sqlite://koperasi.db");
        assert!(!token.contains("koperasi"));
        assert_eq!(cipher.decrypt(&token).unwrap(), "sqlite://koperasi.db");

        let other = Cipher::from_key(&Cipher::generate_key()).unwrap();
        assert_eq!(other.decrypt(&token), None);
        assert_eq!(cipher.decrypt("no token"), None);
        assert_eq!(format!("{cipher:?}"), "Cipher(***)");
    }

    #[test]
    fn a_key_has_32_bytes_in_base64() {
        for key in ["", "secret", "c2VjcmV0", &"A".repeat(60)] {
            let error = Cipher::from_key(key).unwrap_err();
            assert!(matches!(error, StoreError::MalformedKey));
            assert!(error.to_string().starts_with("ENCRYPT_KEY is not"));
        }
    }

    /// The key and the token were made by Python's `cryptography.fernet`.
    #[test]
    fn reads_what_python_wrote() {
        let cipher = Cipher::from_key("UixfLUV4Pc0RRJ_TY7r3FP46WBJVLK_apTDOup5brb0=").unwrap();
        let token = "gAAAAABrAU_yJsvCI5jz9K9fTudbF951TCiJy39aUcXTKlJnBBWKIYH4bqblnwpTQU-gKBLv3u-eIXitb-3EYEbtH1k6SrkyOWXs1gEdecoUIxlsOIK7M49dw03DPEwAXIvhvGEh6X0h";
        assert_eq!(
            cipher.decrypt(token).unwrap(),
            "postgresql://kai:rahasia@localhost/koperasi"
        );
    }
}
