//! What is generated from the program's own tables: registry pages, the report's schema, completions, the manual.

use super::args::{Cli, ManArgs, TableArgs};
use super::failure::Failure;
use super::session::Session;
use super::terminal::print;
use automaster::report::{genres, json, registry};
use clap::CommandFactory;
use clap_complete::Shell;
use std::fmt::Write;
use std::path::Path;

/// `automaster params`.
pub(super) fn params(args: &TableArgs, session: &Session) -> Result<(), Failure> {
    print(&match (session.json, args.markdown) {
        (true, _) => registry::params_json()?,
        (_, true) => registry::params_markdown(),
        _ => registry::params_text(),
    })
}

/// `automaster features`.
pub(super) fn features(args: &TableArgs, session: &Session) -> Result<(), Failure> {
    print(&match (session.json, args.markdown) {
        (true, _) => registry::features_json()?,
        (_, true) => registry::features_markdown(),
        _ => registry::features_text(),
    })
}

/// `automaster genres`.
pub(super) fn genres(session: &Session) -> Result<(), Failure> {
    print(&if session.json { genres::json()? } else { genres::text() })
}

/// `automaster report-schema`.
pub(super) fn report_schema() -> Result<(), Failure> {
    print(&json::report_schema()?)
}

/// `automaster completions SHELL`.
pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "automaster", &mut text);
    print(&String::from_utf8_lossy(&text))
}

/// `automaster man`.
pub(super) fn man(args: &ManArgs) -> Result<(), Failure> {
    if args.markdown {
        return print(&markdown());
    }
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(Cli::command());
    page.render(&mut text).map_err(|error| Failure::unexpected(Path::new("the manual"), error))?;
    print(&String::from_utf8_lossy(&text))
}

/// The page `docs/cli.md`: every command's help.
fn markdown() -> String {
    let mut out = "# The command line\n\nMade by `automaster man --markdown`.\n".to_owned();
    let mut root = Cli::command().term_width(100);
    root.build();
    let _ = write!(out, "\n## automaster\n\n```text\n{}\n```\n", help(&mut root));
    commands(&root, "automaster", &mut out);
    out
}

/// The help of every command under `parent`, and of those under them.
fn commands(parent: &clap::Command, name: &str, out: &mut String) {
    for command in parent.get_subcommands().filter(|c| c.get_name() != "help") {
        let (mut command, name) = (command.clone().term_width(100), format!("{name} {}", command.get_name()));
        let _ = write!(out, "\n## {name}\n\n```text\n{}\n```\n", help(&mut command));
        commands(&command, &name, out);
    }
}

fn help(command: &mut clap::Command) -> String {
    let text = command.render_long_help().to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}
