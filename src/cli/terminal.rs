//! Standard output and standard error: colours where they are wanted (a terminal, no NO_COLOR), no panic when the reader
//! has gone.

use super::failure::Failure;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::NobodyListens),
        Err(error) => Err(Failure::unexpected(Path::new("standard output"), error)),
    }
}

/// Prints `label: text` to standard error: `error`, `hint`, `warning`.
pub(crate) fn complain(label: &str, text: &str) {
    let code = match label {
        "error" => "31;1",
        "warning" => "33;1",
        _ => "1",
    };
    // Where standard error is gone there is nobody to tell.
    let _ = writeln!(anstream::stderr().lock(), "\x1b[{code}m{label}:\x1b[0m {text}");
}
