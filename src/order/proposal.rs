//! From an order to a plan: listen, aim, propose, follow instructions; and the report of it.

use crate::error::Error;
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
    /// The mix, as it is needed for a render: its timeline's rows have gone.
    pub mix: Song,
    /// The mix as it was heard.
    pub heard: Source,
    /// The plan.
    pub plan: Plan,
    /// The references as they were heard.
    pub references: Vec<Source>,
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
        mut mix: Song,
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
        let heard = Source::from(&mix);
        let heard = match &recognised {
            Some(genres) => heard.recognised(genres),
            None => heard,
        };
        mix.timeline.let_rows_go();
        Ok(Self { mix, heard, plan, references, target, wishes })
    }

    /// Renders what is proposed by `render`. A loudness that the whole mix does not reach, though its excerpts did, is conceded where nobody
    /// insists on it, and what was reached is promised instead. Errors: those of `render`.
    pub fn render<T>(&mut self, mut render: impl FnMut(&Song, &Plan) -> Result<T, Error>) -> Result<T, Error> {
        match render(&self.mix, &self.plan) {
            Err(Error::Promise { softer_lufs: Some(lufs), .. }) if self.wishes.psr_floor_lu.is_some() => {
                self.plan = self.plan.clone().conceding((100.0 * lufs).floor() / 100.0);
                render(&self.mix, &self.plan)
            }
            other => other,
        }
    }

    /// The report, with a master where there is one.
    pub fn report(&self, master: Option<&Master>) -> Report {
        Report::new(Outcome {
            mix: self.heard.clone(),
            references: self.references.clone(),
            target: Some(&self.target),
            wishes: Some(&self.wishes),
            plan: &self.plan,
            master,
        })
    }
}
