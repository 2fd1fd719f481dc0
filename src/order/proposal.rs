//! From an order to a plan: listen, aim, propose, follow instructions; and the report of it.

use crate::error::Error;
use crate::genre::GenreWeights;
use crate::job::{self, Aims, Progress, Song, Wishes};
use crate::plan::Plan;
use crate::render::Master;
use crate::report::{Outcome, Report, Source};
use crate::target::Target;
use crate::words::instruct;
use std::borrow::Borrow;
use std::path::Path;

/// A mix that was heard, with what is proposed for it.
pub struct Proposal {
    /// The mix.
    pub mix: Song,
    /// The plan.
    pub plan: Plan,
    /// The references as they were heard.
    pub references: Vec<Source>,
    recognised: Option<GenreWeights>,
    target: Target,
    wishes: Wishes,
}

impl Proposal {
    /// Listens to mix and references, proposes, and follows instructions. Errors: a file cannot be read; a model cannot be used;
    /// words that are not understood; interrupted.
    pub fn listen(
        mix: &Path,
        aims: &Aims,
        wishes: Wishes,
        instructions: Option<&str>,
        progress: &Progress,
    ) -> Result<Self, Error> {
        let (mix, songs) = job::listen(mix, &aims.files(), progress)?;
        Self::new(mix, &songs, aims, wishes, instructions, progress)
    }

    /// Proposes for a mix that was heard already; `songs` are the references of `aims`, in their order. Errors as
    /// [`Proposal::listen`].
    pub fn new<S: Borrow<Song>>(
        mix: Song,
        songs: &[S],
        aims: &Aims,
        wishes: Wishes,
        instructions: Option<&str>,
        progress: &Progress,
    ) -> Result<Self, Error> {
        let (target, recognised) = aims.target(&mix, songs, progress)?;
        let references = songs.iter().map(|song| Source::from(song.borrow())).collect();
        let mut plan = job::suggest(&mix, &target, &wishes, progress)?;
        if let Some(text) = instructions {
            plan = instruct(&plan, text).map_err(|error| Error::asked(error.to_string(), "see `automaster words`"))?.plan;
        }
        Ok(Self { mix, plan, recognised, references, target, wishes })
    }

    /// The report, with a master where there is one.
    pub fn report(&self, master: Option<&Master>) -> Report {
        let mix = Source::from(&self.mix);
        Report::new(Outcome {
            mix: match &self.recognised {
                Some(genres) => mix.recognised(genres),
                None => mix,
            },
            references: self.references.clone(),
            target: Some(&self.target),
            wishes: Some(&self.wishes),
            plan: &self.plan,
            master,
        })
    }
}
