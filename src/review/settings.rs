//! Settings that a page asks for: checked, made a plan with its history, revised by words, loaded and saved.

use super::desk::{Desk, lock};
use super::wire::{Loaded, Reworded, Wanted, WantedPlan, WantedWords, settings};
use super::work::No;
use crate::plan::{Author, Delivery, Plan};
use crate::report::plans::{setting_name, setting_value};
use crate::words::{LOUDNESS_LUFS, revise};

/// Characters of a note, of a phrase and of a time.
const LONGEST_NOTE: usize = 500;
/// Plans that are kept while the page is open.
const MOST_LOADED: usize = 100;

fn wrong(error: impl ToString) -> No {
    No::Wrong(error.to_string())
}

impl Desk {
    /// The plan with what the page wants, and how it came to be: words first, then the hand. Errors: a setting or a note of
    /// one that does not exist, or is out of range; words that are not understood.
    pub(super) fn plan(&self, wanted: &Wanted) -> Result<Plan, No> {
        let chain = wanted.chain().map_err(wrong)?;
        let mut said = self.begun(wanted.loaded)?;
        for text in &wanted.words {
            said = revise(&said, short(text)?).map_err(wrong)?.plan;
        }
        let mut plan = said.revised(chain);
        // A limiter that is let higher than what was promised promises less.
        plan.delivery.ceiling_dbtp = plan.delivery.ceiling_dbtp.max(plan.chain.limiter.ceiling_dbtp);
        plan.delivery.loudness_lufs = wanted.loudness_lufs;
        // What the plan promised before anybody asked stays as it is.
        let asked = wanted.loudness_lufs.filter(|_| wanted.loudness_lufs != said.delivery.loudness_lufs);
        if asked.is_some_and(|lufs| !LOUDNESS_LUFS.contains(&lufs)) {
            return Err(No::Wrong(format!("loudness is from {} to {} LUFS", LOUDNESS_LUFS.start(), LOUDNESS_LUFS.end())));
        }
        plan = plan.explained();
        plan.record(Author::Hand, None, &said);
        for (id, note) in &wanted.notes {
            plan.notes.insert(id.clone(), short(note)?.to_owned());
        }
        plan.notes.retain(|id, _| wanted.notes.contains_key(id));
        Ok(plan)
    }

    /// What a page began with: what is proposed, or a plan that was loaded, with its own history but for this mix and this
    /// output. Its reasons are its own as well, unless they speak of another mix. Errors: no such plan was loaded.
    fn begun(&self, loaded: Option<usize>) -> Result<Plan, No> {
        let own = self.ready()?.plan.clone();
        let Some(number) = loaded else { return Ok(own) };
        let plan = lock(&self.loaded).get(number).cloned().ok_or_else(|| wrong("that plan is not loaded; load it again"))?;
        let delivery = Delivery { loudness_lufs: plan.delivery.loudness_lufs, ..own.delivery };
        if plan.mix.difference(&own.mix).is_some() {
            let Plan { notes, history, chain, .. } = plan;
            return Ok(Plan { delivery, notes, history, ..own.revised(chain) });
        }
        Ok(Plan { mix: own.mix, delivery, ..plan })
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
        let mut all = lock(&self.loaded);
        let known = all.iter().position(|known| *known == plan);
        if known.is_none() && all.len() == MOST_LOADED {
            return Err(No::Wrong(format!("{MOST_LOADED} plans were loaded; start the program again to load more")));
        }
        let loaded = known.unwrap_or(all.len());
        if known.is_none() {
            all.push(plan.clone());
        }
        let changed = own.changes_to(&plan).into_iter().map(|change| {
            let (from, to) = (setting_value(&change.setting, change.from), setting_value(&change.setting, change.to));
            format!("{}: {from} to {to}", setting_name(&change.setting))
        });
        Ok(Loaded {
            loaded,
            settings: settings(&plan.chain),
            loudness_lufs: plan.delivery.loudness_lufs,
            changed: changed.collect(),
            other_mix: plan.mix.difference(&own.mix).map(|_| plan.mix.file.clone()),
            notes: plan.notes,
        })
    }

    /// Writes the plan where the command line says. Errors: as of [`Desk::plan`]; its notes name settings that do not exist; it
    /// cannot be written.
    pub(super) fn save(&self, wanted: &Wanted) -> Result<String, No> {
        let when = wanted.when.as_deref().map(short).transpose()?;
        // A plan that was given or loaded is of another day; what is proposed is of this one.
        let old_steps = match wanted.loaded {
            Some(_) => self.begun(wanted.loaded)?.history.len(),
            None => self.review.plan.as_ref().map_or(0, |plan| plan.history.len()),
        };
        let dated = self.plan(wanted)?.dated_from(old_steps, when);
        let text = dated.to_toml().map_err(|e| No::Failed(e.to_string()))?;
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
