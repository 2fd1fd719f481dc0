//! Lessons: how far the rules' proposals, heard in excerpts, are from where refinement ends when it hears all of the music.
//! The inverse chain model learns from many of them to go there at once.

use super::aim::Aim;
use super::first::Proposer;
use super::inverse::{Situation, positions};
use super::refine::Refinement;
use super::{Engine, Wishes};
use crate::analysis::Timeline;
use crate::inference::ModelError;
use crate::render::Audition;
use crate::target::Target;

/// One lesson: a mix, an aim, and the way there.
pub struct Lesson {
    /// What the model is told before the first audition and after each.
    pub situations: Vec<Situation>,
    /// Where refinement that hears the whole mix ended: the position of each of the model's parameters.
    pub refined: Vec<f64>,
}

/// Has rules propose, and refinement correct by `excerpts` for at most `heard` rounds and by the `whole` for as many as `wishes` say.
/// Errors: none is known where rules propose; the engine's type has them.
pub fn lesson(
    mix: &Timeline,
    target: &Target,
    wishes: &Wishes,
    (excerpts, heard): (&dyn Audition, usize),
    whole: &dyn Audition,
) -> Result<Lesson, ModelError> {
    let analysis = mix.analysis();
    let aim = Aim::new(&analysis, target, wishes);
    let first = Proposer::new(Engine::Rules)?.first(&analysis, &aim, wishes)?;
    let mut situations = vec![Situation::new(&aim, &first.chain, None)];
    let few = Wishes { rounds: Some(heard), ..wishes.clone() };
    Refinement::new(&analysis, &aim, &few, excerpts).run(first.chain.clone(), &mut |heard, chain| {
        situations.push(Situation::new(&aim, chain, Some(heard)));
        Ok(())
    })?;
    let refined = Refinement::new(&analysis, &aim, wishes, whole).run(first.chain, &mut |_, _| Ok(()))?;
    Ok(Lesson { situations, refined: positions(&refined.chain) })
}
