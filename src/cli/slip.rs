//! A first word that is neither a command nor a file: what it was meant to be.

use super::args::Cli;
use super::failure::Failure;
use automaster::params::nearest;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};
use std::ffi::OsString;
use std::path::Path;

/// Options without a value, which may stand before a command.
const BEFORE: [&str; 5] = ["--json", "--quiet", "-q", "--verbose", "-v"];

/// What is said of a command line whose first word is near a command and no file. `arguments` are without the program's name.
pub(super) fn command(arguments: impl IntoIterator<Item = OsString>) -> Option<Failure> {
    let first = arguments.into_iter().find(|word| !BEFORE.iter().any(|option| word == option))?;
    let word = first.to_str().filter(|word| !word.starts_with('-') && !Path::new(word).exists())?;
    let root = Cli::command();
    let names: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
    if names.contains(&word) {
        return None;
    }
    let meant = nearest(&word.to_lowercase(), names)?;
    let what = format!("no such command or file '{word}'; did you mean '{meant}'?");
    Some(Failure::usage(what, "automaster --help lists the commands"))
}

/// What is said of a second mix, which the parser takes for a command.
pub(super) fn mixes(error: &clap::Error) -> Option<Failure> {
    let Some(ContextValue::String(second)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let is_command = Cli::command().get_subcommands().any(|command| command.get_name() == second);
    let is_mix = !is_command && Path::new(second).exists();
    let hint = "automaster batch masters several, each by itself; automaster album those of one release; --ref names a reference";
    is_mix.then(|| Failure::usage(format!("{second}: a second mix; one is mastered at a time"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_command_is_told_what_it_was_meant_to_be() {
        let said = |line: &str| match command(line.split(' ').map(OsString::from)) {
            Some(Failure::Told { what, .. }) => Some(what),
            _ => None,
        };
        let meant = |word: &str, name: &str| Some(format!("no such command or file '{word}'; did you mean '{name}'?"));
        assert_eq!(said("analyse mix.wav"), meant("analyse", "analyze"));
        assert_eq!(said("--json -q param"), meant("param", "params"));
        assert_eq!(said("Suggest mix.wav"), meant("Suggest", "suggest"));
        for line in ["suggest", "mix.wav", "checks", "--ref analyse mix.wav", "src analyse", "."] {
            assert_eq!(said(line), None, "{line}");
        }
    }
}
