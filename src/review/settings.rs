//! Settings that a page asks for: checked, made a plan with its history, revised by words, loaded and saved.

use super::desk::Desk;
use super::wire::{Loaded, Reworded, Wanted, WantedPlan, WantedWords, settings};
use super::work::No;
use crate::plan::{Author, MixIdentity, Plan};
use crate::report::plans::{setting_name, setting_value};
use crate::words::revise;

/// Range of the promised loudness, as on the command line.
const LOUDNESS_LUFS: std::ops::RangeInclusive<f64> = -40.0..=-3.0;
/// Characters of a note, of a phrase and of a time.
const LONGEST_NOTE: usize = 500;

fn wrong(error: impl ToString) -> No {
    No::Wrong(error.to_string())
}

impl Desk {
    /// The plan with what the page wants, and how it came to be: words first, then the hand. Errors: a setting or a note of
    /// one that does not exist, or is out of range; words that are not understood.
    pub(super) fn plan(&self, wanted: &Wanted) -> Result<Plan, No> {
        let chain = wanted.chain().map_err(wrong)?;
        let mut said = self.ready()?.plan.clone();
        for text in &wanted.words {
            said = revise(&said, short(text)?).map_err(wrong)?.plan;
        }
        let mut plan = said.revised(chain);
        // A limiter that is let higher than what was promised promises less.
        plan.delivery.ceiling_dbtp = plan.delivery.ceiling_dbtp.max(plan.chain.limiter.ceiling_dbtp);
        plan.delivery.loudness_lufs = wanted.loudness_lufs;
        if plan.delivery.loudness_lufs.is_some_and(|lufs| !LOUDNESS_LUFS.contains(&lufs)) {
            return Err(No::Wrong("loudness is from -40 to -3 LUFS".into()));
        }
        plan.record(Author::Hand, None, &said);
        for (id, note) in &wanted.notes {
            plan.notes.insert(id.clone(), short(note)?.to_owned());
        }
        plan.notes.retain(|id, _| wanted.notes.contains_key(id));
        Ok(plan)
    }

    /// What words make of the settings. Errors: a phrase that is not understood.
    pub(super) fn reword(&self, asked: &WantedWords) -> Result<Reworded, No> {
        let revision = revise(&self.plan(&asked.wanted)?, short(&asked.text)?).map_err(wrong)?;
        let plan = &revision.plan;
        let moved = crate::report::words::revision(&revision);
        Ok(Reworded { settings: settings(&plan.chain), loudness_lufs: plan.delivery.loudness_lufs, moved })
    }

    /// Reads the text of a plan that the page was given. Errors: it is no plan.
    pub(super) fn load(&self, asked: &WantedPlan) -> Result<Loaded, No> {
        let plan = Plan::from_toml(&asked.text).map_err(wrong)?;
        let own = &self.ready()?.plan;
        let changed = own.changes_to(&plan).into_iter().map(|change| {
            let (from, to) = (setting_value(&change.setting, change.from), setting_value(&change.setting, change.to));
            format!("{}: {from} to {to}", setting_name(&change.setting))
        });
        Ok(Loaded {
            settings: settings(&plan.chain),
            loudness_lufs: plan.delivery.loudness_lufs,
            changed: changed.collect(),
            other_mix: other_mix(&own.mix, &plan.mix).then(|| plan.mix.file.clone()),
            notes: plan.notes,
        })
    }

    /// Writes the plan where the command line says. Errors: as of [`Desk::plan`]; its notes name settings that do not exist; it
    /// cannot be written.
    pub(super) fn save(&self, wanted: &Wanted) -> Result<String, No> {
        let when = wanted.when.as_deref().map(short).transpose()?;
        let text = self.plan(wanted)?.dated(when).to_toml().map_err(|e| No::Failed(e.to_string()))?;
        // What cannot be read again is not written.
        Plan::from_toml(&text).map_err(wrong)?;
        let file = &self.review.plan_file;
        (self.review.write)(file, &text).map_err(No::Failed)?;
        Ok(file.display().to_string())
    }
}

fn short(text: &str) -> Result<&str, No> {
    let allowed = text.chars().count() <= LONGEST_NOTE;
    if allowed { Ok(text) } else { Err(No::Wrong(format!("{LONGEST_NOTE} characters at most"))) }
}

/// Whether a plan was made for music of another shape.
fn other_mix(own: &MixIdentity, of_plan: &MixIdentity) -> bool {
    (own.sample_rate_hz, own.channels, own.frames) != (of_plan.sample_rate_hz, of_plan.channels, of_plan.frames)
}
