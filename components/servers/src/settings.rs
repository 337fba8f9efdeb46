//! Who may log in, and how long a silent session lives.

use heapless::String;

/// The longest user name and password, in bytes.
const CREDENTIAL_MAX: usize = 32;

/// Credentials and time-out of both servers. A change counts for the next login.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    user: String<CREDENTIAL_MAX>,
    password: String<CREDENTIAL_MAX>,
    timeout_s: u32,
}

/// A user name or password of more than 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong;

impl Settings {
    /// The shortest time-out in seconds.
    pub const MIN_TIMEOUT_S: u32 = 5;
    /// The time-out that servers start with, in seconds.
    pub const DEFAULT_TIMEOUT_S: u32 = 300;

    /// Settings with the default time-out.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn new(user: &str, password: &str) -> Result<Settings, TooLong> {
        Ok(Settings {
            user: String::try_from(user).map_err(|_| TooLong)?,
            password: String::try_from(password).map_err(|_| TooLong)?,
            timeout_s: Self::DEFAULT_TIMEOUT_S,
        })
    }

    /// The same with another time-out; a shorter one than [`Self::MIN_TIMEOUT_S`] becomes that.
    #[must_use]
    pub fn with_timeout(mut self, seconds: u32) -> Settings {
        self.timeout_s = seconds.max(Self::MIN_TIMEOUT_S);
        self
    }

    /// Seconds until a session of which nothing is heard ends.
    pub fn timeout_s(&self) -> u32 {
        self.timeout_s
    }

    /// The user name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// True for the user.
    pub(crate) fn is_user(&self, given: &[u8]) -> bool {
        same(self.user.as_bytes(), given)
    }

    /// True for the password.
    pub(crate) fn is_password(&self, given: &[u8]) -> bool {
        same(self.password.as_bytes(), given)
    }

    /// When a session last heard of at `heard_ms` is to end.
    pub(crate) fn end_ms(&self, heard_ms: u64) -> u64 {
        heard_ms.saturating_add(u64::from(self.timeout_s) * 1000)
    }

    /// True if it is to end now.
    pub(crate) fn is_over(&self, heard_ms: u64, now_ms: u64) -> bool {
        now_ms >= self.end_ms(heard_ms)
    }
}

/// Compares in a time that tells only how long `given` is.
fn same(own: &[u8], given: &[u8]) -> bool {
    let differences = given
        .iter()
        .enumerate()
        .fold(0, |all, (i, byte)| all | (byte ^ own.get(i).copied().unwrap_or(!byte)));
    differences == 0 && own.len() == given.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_match_as_a_whole() {
        let settings = Settings::new("micro", "python").unwrap();
        assert!(settings.is_user(b"micro") && settings.is_password(b"python"));
        for wrong in [&b""[..], b"micr", b"micros", b"Micro"] {
            assert!(!settings.is_user(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn long_credentials_are_refused_and_short_timeouts_raised() {
        let long = "x".repeat(33);
        assert_eq!(Settings::new(&long, "").unwrap_err(), TooLong);
        assert_eq!(Settings::new("", &long).unwrap_err(), TooLong);
        let settings = Settings::new("a", "b").unwrap();
        assert_eq!(settings.clone().with_timeout(1).timeout_s(), 5);
        assert!(!settings.is_over(1000, 300_999) && settings.is_over(1000, 301_000));
    }
}
