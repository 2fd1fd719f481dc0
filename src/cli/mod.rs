//! The command line: one struct a command, one file a command; no judgment of its own.
//!
//! `arguments ─ parse, check ─▶ request ─ library ─▶ result ─▶ files, standard output; progress and errors on standard error`

mod aims;
mod album;
mod analyze;
mod args;
mod batch;
mod check;
mod compare;
mod deliver;
mod delivery;
mod failure;
mod generate;
mod genre;
mod guard;
mod learn;
mod master;
mod output;
mod progress;
mod references;
mod render;
mod reports;
#[cfg(feature = "review")]
mod review;
mod revise;
mod session;
mod slip;
mod sound;
mod suggest;
mod terminal;

use args::{Cli, Command};
use automaster::error::exit;
use clap::Parser;
use failure::Failure;
use session::Session;
use std::process::ExitCode;

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let told = if error.use_stderr() { slip::command(arguments()).or_else(|| slip::mixes(&error)) } else { None };
            if let Some(failure) = told {
                failure.tell();
                return ExitCode::from(failure.code());
            }
            // Help and version are asked for and go to standard output; everything else is a usage error.
            let code = if error.use_stderr() { exit::USAGE } else { exit::DONE };
            // Nothing can be told where the terminal is gone.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::from(exit::DONE),
        Err(failure) => {
            failure.tell();
            ExitCode::from(failure.code())
        }
    }
}

/// The command line without the program's name.
fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    std::env::args_os().skip(1)
}

fn run(cli: Cli) -> Result<(), Failure> {
    if let (None, Some(slip)) = (&cli.command, slip::command(arguments())) {
        return Err(slip);
    }
    if cli.common.json && matches!(cli.command, Some(Command::Man(_) | Command::Completions { .. })) {
        return Err(Failure::usage("--json: this command prints no result but a text for other programs", "leave --json out"));
    }
    let session = Session::new(&cli.common)?;
    match (cli.command, cli.master) {
        (Some(Command::Suggest(args)), _) => suggest::run(&args, &session),
        (Some(Command::Render(args)), _) => render::run(&args, &session),
        #[cfg(feature = "review")]
        (Some(Command::Review(args)), _) => review::run(&args, &session),
        (Some(Command::Album(args)), _) => album::run(&args, &session),
        (Some(Command::Batch(args)), _) => batch::run(&args, &session),
        (Some(Command::Deliver(args)), _) => deliver::run(&args, &session),
        (Some(Command::Check(args)), _) => check::run(&args, &session),
        (Some(Command::Analyze(args)), _) => analyze::run(&args, &session),
        (Some(Command::Compare(args)), _) => compare::run(&args, &session),
        (Some(Command::Learn(args)), _) => learn::run(&args, &session),
        (Some(Command::Genres), _) => generate::genres(&session),
        (Some(Command::Params(args)), _) => generate::params(&args, &session),
        (Some(Command::Features(args)), _) => generate::features(&args, &session),
        (Some(Command::Checks(args)), _) => check::table(&args, &session),
        (Some(Command::Revise(args)), _) => revise::run(&args, &session),
        (Some(Command::Words(args)), _) => revise::words(&args, &session),
        (Some(Command::ReportSchema), _) => generate::report_schema(),
        (Some(Command::Completions { shell }), _) => generate::completions(shell),
        (Some(Command::Man(args)), _) => generate::man(&args),
        (None, args) => master::run(&args, &session),
    }
}
