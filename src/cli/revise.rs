//! `automaster revise PLAN "WORDS"` and `automaster words`: feedback in words, as changes of a plan.

use super::args::{ReviseArgs, TableArgs};
use super::failure::Failure;
use super::render::read_plan;
use super::session::Session;
use super::{guard, reports, terminal};
use automaster::report::words;
use automaster::words::{read, revise};

/// Runs `revise`.
pub(super) fn run(args: &ReviseArgs, session: &Session) -> Result<(), Failure> {
    let output = args.output.clone().unwrap_or_else(|| args.plan.with_extension("revised.toml"));
    if !args.dry_run {
        guard::outputs(&[&output], &[&args.plan], args.overwrite)?;
    }
    let plan = read_plan(&args.plan)?;
    let hint = "`automaster words` lists the vocabulary";
    let revision = revise(&plan, &said(&args.words)).map_err(|error| Failure::usage(error.to_string(), hint))?;
    if revision.changes_nothing(&plan) {
        session.warn("nothing is changed: the words take each other back, or move what is at the end of its range");
    }
    if !args.dry_run {
        let dated = revision.plan.clone().dated_from(plan.history.len(), args.when.as_deref());
        let text = dated.to_toml().map_err(|error| Failure::unexpected(&output, error))?;
        reports::write_text(&output, &text, args.overwrite)?;
    }
    session.show(&revision.effects, |_| words::revision(&revision))?;
    session.say(|| match args.dry_run {
        true => "\nnothing was written (--dry-run)\n".to_owned(),
        false => format!("\nplan   {}\n", output.display()),
    })
}

/// What the arguments say together: one sentence, or, where that is not understood, each a phrase of its own.
fn said(words: &[String]) -> String {
    let sentence = words.join(" ");
    let are_phrases = || words.iter().all(|word| word.trim().contains(char::is_whitespace) || read(word).is_ok());
    if read(&sentence).is_err() && are_phrases() { words.join(", ") } else { sentence }
}

/// Runs `words`.
pub(super) fn words(args: &TableArgs, session: &Session) -> Result<(), Failure> {
    terminal::print(&match (session.json, args.markdown) {
        (true, _) => words::vocabulary_json()?,
        (_, true) => words::vocabulary_markdown(),
        _ => words::vocabulary_text(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_words_of_a_sentence_or_phrases() {
        for (words, expected) in [
            (vec!["more", "bass"], "more bass"),
            (vec!["a", "bit", "brighter,", "less", "bass"], "a bit brighter, less bass"),
            (vec!["much louder", "more bass"], "much louder, more bass"),
            (vec!["louder", "1 dB brighter"], "louder, 1 dB brighter"),
            (vec!["1 dB", "louder"], "1 dB louder"),
            (vec!["more", "brigt"], "more brigt"),
        ] {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            assert_eq!(said(&words), expected);
        }
    }
}
