//! Before the page can begin: everything is listened to, the plan is there, and what is odd about them is told.

use super::desk::{Desk, Ready, lock};
use crate::error::Error;
use crate::job::{self, Progress, Song, Step};
use crate::plan::Plan;
use crate::render::{Driven, driven};
use crate::report::wording;
use crate::target::Target;
use crate::words::instruct;

/// The plan that the page begins with.
struct Begun {
    plan: Plan,
    /// How a render of it drives its limiter.
    driven: Driven,
    /// What is odd about it.
    odd: Option<String>,
}

impl Desk {
    /// Listens to everything and proposes. Errors: those of the job.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        let tell = |step, done| self.tell(step, done);
        let progress = self.progress(&tell);
        let review = &self.review;
        let mix = job::load_mix(&review.mix, &progress)?;
        let songs = review.aims.files().iter().map(|path| job::load_mix(path, &progress)).collect::<Result<Vec<_>, _>>()?;
        // A plan needs no target; its report shows one where references, genres or a profile give it.
        let aimless = songs.is_empty() && review.aims.genres.is_none() && review.aims.profile.is_none();
        let (target, genres, begun) = match &review.plan {
            Some(plan) if aimless => (None, None, self.given(plan, &mix)?),
            given => {
                let (target, genres) = review.aims.target(&mix, &songs, &progress)?;
                let begun = match given {
                    Some(plan) => self.given(plan, &mix)?,
                    None => self.proposed(&mix, &target, &progress)?,
                };
                (Some(target), genres, begun)
            }
        };
        let Begun { plan, driven, odd } = begun;
        let odd: Vec<String> = odd.into_iter().chain(odd_files(&mix, &songs)).chain(idle(&mix, &plan)).collect();
        odd.iter().for_each(|line| (review.warn)(line));
        // Nobody else fills it.
        let _ = self.ready.set(Ready { mix, genres, references: songs, target, plan, driven, odd });
        let mut state = lock(&self.state);
        (state.step, state.done, state.ready) = (String::new(), 1.0, true);
        Ok(())
    }

    /// Goes on with a plan that was given. Its own drive may be of other settings than it has now, so the one that a render would
    /// find is looked for.
    fn given(&self, plan: &Plan, mix: &Song) -> Result<Begun, Error> {
        let this = mix.identity();
        let another = |difference| format!("the plan was made for another mix, {}: {difference}", plan.mix.file);
        let odd = plan.mix.difference(&this).map(another);
        let own = plan.clone().taken_over(this);
        Ok(Begun { driven: self.driven(mix, &own)?, plan: own, odd })
    }

    fn proposed(&self, mix: &Song, target: &Target, progress: &Progress) -> Result<Begun, Error> {
        let plan = job::suggest(mix, target, &self.review.wishes, progress)?;
        // The words were read before; a proposal that cannot follow them stays as it is.
        let said = self.review.instructions.as_deref().and_then(|text| instruct(&plan, text).ok());
        match (said, plan.delivery.loudness_lufs) {
            // Auditions have found the drive that gives the loudness that is proposed.
            (None, Some(loudness_lufs)) => {
                let driven = Driven { drive_db: plan.chain.limiter.drive_db, loudness_lufs };
                Ok(Begun { plan, driven, odd: None })
            }
            (said, _) => {
                let plan = said.map_or(plan, |revision| revision.plan);
                Ok(Begun { driven: self.driven(mix, &plan)?, plan, odd: None })
            }
        }
    }

    fn driven(&self, mix: &Song, plan: &Plan) -> Result<Driven, Error> {
        // It is the first half of a render.
        let tell = |_: Step, done: f64| self.tell_words("finding how far the plan drives the limiter", 2.0 * done);
        match &mix.audio {
            Some(audio) => driven(audio, plan, &self.progress(&tell)),
            None => Ok(Driven { drive_db: plan.chain.limiter.drive_db, loudness_lufs: mix.analysis.loudness.integrated_lufs }),
        }
    }
}

/// What was odd about the files that were read.
fn odd_files(mix: &Song, references: &[Song]) -> Vec<String> {
    let of = |song: &Song| song.warnings.iter().map(|w| format!("{}: {w}", song.path.display())).collect::<Vec<_>>();
    std::iter::once(mix).chain(references).flat_map(of).collect()
}

/// Settings for an image where the mix has one channel.
fn idle(mix: &Song, plan: &Plan) -> Option<String> {
    wording::idle(mix.path.display(), mix.info.channels, &plan.chain)
}
