//! Rules: settings that follow from the figures at once: repair, corrective cuts, colour. What has to be tried out (tone,
//! width, dynamics, loudness) is left to refinement.
//!
//! Every rule is silent inside its tolerance.

mod colour;
mod corrective;

use super::aim::Aim;
use super::{Wishes, apply_fixed};
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::chain::limiter::Character;

/// Full-band crest under this is a dense master: the limiter may return quickly.
const DENSE_CREST_DB: f64 = 10.0;
/// Full-band crest over this is a punchy one.
const PUNCHY_CREST_DB: f64 = 14.0;

/// The settings that refinement starts from.
pub(super) fn settings(analysis: &Analysis, aim: &Aim, wishes: &Wishes) -> ChainSettings {
    let mut chain = ChainSettings::default();
    corrective::repair(&mut chain.repair, analysis);
    corrective::hum(&mut chain.eq, analysis);
    corrective::broad_strokes(&mut chain.eq, aim);
    corrective::deess(&mut chain.deess, analysis, aim, wishes);
    corrective::resonance(&mut chain.resonance, aim);
    colour::saturation(&mut chain.saturation, aim);
    colour::exciter(&mut chain.exciter, aim);
    colour::depth(&mut chain.stereo, aim);
    chain.limiter.ceiling_dbtp = wishes.ceiling_dbtp;
    chain.limiter.drive_db = aim.goal.loudness_lufs - aim.mix.loudness_lufs;
    chain.limiter.character = match aim.goal.crest_db {
        crest if crest < DENSE_CREST_DB => Character::Dense,
        crest if crest > PUNCHY_CREST_DB => Character::Transparent,
        _ => Character::Punchy,
    };
    apply_fixed(&mut chain, wishes);
    chain
}
