//! Who may ask: only this page, in a browser on this machine, with the token that the program printed.
//!
//! A page of another site cannot read the token, and the Host header tells when a foreign name was made to point here
//! (DNS rebinding); so both are asked for, and Origin and Sec-Fetch-Site too wherever the browser sends them.

/// Largest body of a request: all settings of the chain as JSON take 12 kB.
const LARGEST_BODY_BYTES: usize = 64 * 1024;
/// Largest body that holds a plan: with a step of history for each word and each move of a hand it grows.
const LARGEST_PLAN_BYTES: usize = 1024 * 1024;
/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 24;

/// A new token. Errors: the system has no randomness.
pub(super) fn new_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Largest body of a request to a path.
pub(super) fn largest_body_bytes(path: &str) -> usize {
    if path == "/api/plan" { LARGEST_PLAN_BYTES } else { LARGEST_BODY_BYTES }
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Another Host than this server: 421.
    Host,
    /// Another Origin than this page: 403.
    Origin,
    /// No token, or a wrong one: 403.
    Token,
    /// The body is longer than any request of the page: 413.
    Size,
}

impl Refusal {
    /// The HTTP status.
    pub(super) const fn status(self) -> u16 {
        match self {
            Self::Host => 421,
            Self::Origin | Self::Token => 403,
            Self::Size => 413,
        }
    }

    /// What is wrong, and what to do.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Host | Self::Origin | Self::Token => "refused: open the address that automaster printed",
            Self::Size => "refused: too long: a plan may have 1 MiB as it is sent, everything else 64 KiB",
        }
    }
}

/// What of a request's head matters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) path: &'a str,
    pub(super) host: Option<&'a str>,
    pub(super) origin: Option<&'a str>,
    pub(super) fetch_site: Option<&'a str>,
    pub(super) body_bytes: Option<usize>,
}

/// Checks where a request comes from. Errors: see [`Refusal`].
pub(super) fn check_place(head: &Head, port: u16) -> Result<(), Refusal> {
    let ours = |name: &str| name == format!("127.0.0.1:{port}") || name == format!("localhost:{port}");
    if !head.host.is_some_and(ours) {
        return Err(Refusal::Host);
    }
    let own_origin = |origin: &str| origin.strip_prefix("http://").is_some_and(ours);
    if !head.origin.is_none_or(own_origin) || !head.fetch_site.is_none_or(|s| matches!(s, "same-origin" | "none")) {
        return Err(Refusal::Origin);
    }
    if head.body_bytes.is_some_and(|bytes| bytes > largest_body_bytes(head.path)) {
        return Err(Refusal::Size);
    }
    Ok(())
}

/// Checks the token, in a time that does not tell how much of it is right. Errors: [`Refusal::Token`].
pub(super) fn check_token(given: Option<&str>, token: &str) -> Result<(), Refusal> {
    let given = given.unwrap_or_default().as_bytes();
    let differs = given.iter().zip(token.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    if given.len() == token.len() && differs == 0 { Ok(()) } else { Err(Refusal::Token) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_page_may_ask() {
        let head = Head { host: Some("127.0.0.1:80"), ..Head::default() };
        assert_eq!(check_place(&head, 80), Ok(()));
        let with = |change: fn(&mut Head)| {
            let mut changed = head;
            change(&mut changed);
            check_place(&changed, 80)
        };
        assert_eq!(with(|h| h.host = None), Err(Refusal::Host));
        assert_eq!(with(|h| h.host = Some("127.0.0.1:81")), Err(Refusal::Host));
        assert_eq!(with(|h| h.host = Some("evil.example:80")), Err(Refusal::Host));
        assert_eq!(with(|h| h.host = Some("localhost:80")), Ok(()));
        assert_eq!(with(|h| h.origin = Some("http://127.0.0.1:80")), Ok(()));
        for origin in
            ["null", "http://evil.example", "https://127.0.0.1:80", "http://127.0.0.1:81", "http://127.0.0.1:80.evil.example"]
        {
            let changed = Head { origin: Some(origin), ..head };
            assert_eq!(check_place(&changed, 80), Err(Refusal::Origin), "{origin}");
        }
        assert_eq!(with(|h| h.fetch_site = Some("cross-site")), Err(Refusal::Origin));
        assert_eq!(with(|h| h.body_bytes = Some(LARGEST_BODY_BYTES + 1)), Err(Refusal::Size));
    }

    #[test]
    fn a_plan_may_be_longer_than_all_else_but_not_endless() {
        let sent = |path: &str, bytes: usize| {
            check_place(&Head { path, host: Some("127.0.0.1:80"), body_bytes: Some(bytes), ..Head::default() }, 80)
        };
        assert_eq!(sent("/api/plan", LARGEST_PLAN_BYTES), Ok(()));
        assert_eq!(sent("/api/plan", LARGEST_PLAN_BYTES + 1), Err(Refusal::Size));
        for path in ["/api/preview", "/api/save", "/api/plan/", "/"] {
            assert_eq!(sent(path, LARGEST_BODY_BYTES), Ok(()), "{path}");
            assert_eq!(sent(path, LARGEST_BODY_BYTES + 1), Err(Refusal::Size), "{path}");
        }
        assert!(Refusal::Size.words().contains("too long") && !Refusal::Size.words().contains("address"));
    }

    #[test]
    fn a_token_is_long_new_and_all_of_it_counts() {
        let token = new_token().unwrap();
        assert_eq!(token.len(), 2 * TOKEN_BYTES);
        assert_ne!(token, new_token().unwrap());
        assert_eq!(check_token(Some(&token), &token), Ok(()));
        for wrong in [None, Some(""), Some(&token[1..]), Some("0"), Some(&*format!("{token}0"))] {
            assert_eq!(check_token(wrong, &token), Err(Refusal::Token));
        }
    }
}
