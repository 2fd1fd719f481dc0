//! `automaster check MIX`: whether a mix is ready, and the letter to its engineer. `automaster checks`: what is looked for.

use super::args::{CheckArgs, TableArgs};
use super::failure::Failure;
use super::guard;
use super::output::{extension, filled};
use super::reports::write_text;
use super::session::Session;
use super::terminal::print;
use automaster::check::{self, Check, Verdict};
use automaster::error::exit;
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &CheckArgs, session: &Session) -> Result<(), Failure> {
    let notes = args.notes.as_deref().map(|notes| filled(notes, &args.mix));
    let letter = notes.as_deref().map(letter_of).transpose()?;
    if let Some(notes) = &notes {
        guard::outputs(&[notes], &[&args.mix], args.overwrite)?;
    }
    let check = session.work(|progress| check::check(&args.mix, progress))?;
    if let (Some(notes), Some(letter)) = (&notes, letter) {
        write_text(notes, &letter(&check), args.overwrite)?;
    }
    let shown = session.show(&check, |_| check::text(&check));
    let refused = check.verdict == Verdict::Fail || args.strict && check.verdict == Verdict::Warn;
    if !refused {
        return shown;
    }
    let codes: Vec<&str> = check.findings.iter().map(|finding| finding.code).collect();
    let what = format!("{}: not ready to be mastered: {}", args.mix.display(), codes.join(", "));
    Err(Failure::Told { code: exit::UNEXPECTED, what, hint: None })
}

/// `automaster checks`.
pub(super) fn table(args: &TableArgs, session: &Session) -> Result<(), Failure> {
    print(&match (session.json, args.markdown) {
        (true, _) => check::rules_json()?,
        (_, true) => check::rules_markdown(),
        _ => check::rules_text(),
    })
}

fn letter_of(notes: &Path) -> Result<fn(&Check) -> String, Failure> {
    match extension(notes).as_str() {
        "md" => Ok(check::markdown),
        "html" => Ok(check::html),
        _ => Err(Failure::usage(format!("{}: a letter is .md or .html", notes.display()), "end its name in .md or .html")),
    }
}
