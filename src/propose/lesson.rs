//! Lessons: how far the rules' proposals are from where refinement ends when it hears all of the music and takes its time.
//! The inverse chain model learns from many of them to go there at once.

use super::aim::Aim;
use super::first::Proposer;
use super::inverse::{Situation, positions};
use super::refine::Refinement;
use super::ride::Ride;
use super::{Engine, Wishes};
use crate::analysis::Timeline;
use crate::inference::ModelError;
use crate::render::Audition;
use crate::target::Target;

/// One lesson: a mix, an aim, and the way there.
pub struct Lesson {
    /// What the model is told.
    pub situation: Situation,
    /// Where refinement ended: the position of each of the model's parameters.
    pub refined: Vec<f64>,
}

/// Has rules propose, and refinement correct by the `whole` mix for as many rounds as `wishes` say.
/// Errors: none is known where rules propose; the engine's type has them.
pub fn lesson(mix: &Timeline, target: &Target, wishes: &Wishes, whole: &dyn Audition) -> Result<Lesson, ModelError> {
    let analysis = mix.analysis();
    let aim = Aim::new(&analysis, target, wishes);
    let ride = Ride::new(mix, analysis.loudness.integrated_lufs);
    let first = Proposer::new(Engine::Rules)?.first(&analysis, &ride, (&aim, wishes))?;
    let situation = Situation::new(&aim, &first.chain);
    let refined = Refinement::new((&aim, wishes), &ride, whole).run(first.chain);
    Ok(Lesson { situation, refined: positions(&refined.chain) })
}
