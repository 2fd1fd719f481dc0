//! How the program fails: a code, what is wrong, what to do.

use automaster::error::{Error, exit};
use std::fmt::Display;
use std::path::Path;

/// An end that is not success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library says no.
    Job(Error),
    /// The program itself says no.
    Told {
        /// Exit code.
        code: u8,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The reader of standard output has gone (`automaster … | head`): all work is done, there is nobody to tell.
    NobodyListens,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Job(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Told { code: exit::UNEXPECTED, what: format!("the result cannot be written as JSON: {error}"), hint: None }
    }
}

impl Failure {
    /// The command line asks for something impossible.
    pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Told { code: exit::USAGE, what: what.into(), hint: Some(hint.into()) }
    }

    /// An input that is no sound file cannot be read.
    pub(crate) fn input(path: &Path, what: impl Display) -> Self {
        Self::Told { code: exit::INPUT, what: format!("{}: {what}", path.display()), hint: None }
    }

    /// Something that should not happen.
    pub(crate) fn unexpected(path: &Path, what: impl Display) -> Self {
        Self::Told { code: exit::UNEXPECTED, what: format!("{}: {what}", path.display()), hint: None }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Job(error) => error.exit_code(),
            Self::Told { code, .. } => *code,
            Self::NobodyListens => exit::DONE,
        }
    }

    /// What is wrong, in words.
    #[cfg(feature = "review")]
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Job(error) => error.to_string(),
            Self::Told { what, .. } => what.clone(),
            Self::NobodyListens => "nobody listens".to_owned(),
        }
    }

    /// Tells the person, on standard error.
    pub(crate) fn tell(&self) {
        match self {
            Self::Job(error) => {
                super::terminal::complain("error", &error.to_string());
                if let Some(hint) = error.hint() {
                    super::terminal::complain("hint", hint);
                }
            }
            Self::Told { what, hint, .. } => {
                super::terminal::complain("error", what);
                if let Some(hint) = hint {
                    super::terminal::complain("hint", hint);
                }
            }
            Self::NobodyListens => {}
        }
    }
}
