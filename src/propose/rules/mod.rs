//! Rules: settings that follow from the figures at once: repair, corrective cuts, colour. What has to be tried out (tone,
//! width, dynamics, loudness) is left to refinement.
//!
//! Every rule is silent inside its tolerance.

mod colour;
mod corrective;

pub(super) use corrective::worst_resonance;

use super::aim::Aim;
use super::{Wishes, apply_fixed};
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::chain::limiter::Character;

/// Full-band crest over this is a punchy master: the limiter lets the body keep its level.
const PUNCHY_CREST_DB: f64 = 15.0;
/// Short look-ahead and release: on the development split they move the level around peaks least (harm
/// fell by a third against 4 and 100 ms).
const LOOKAHEAD_MS: f64 = 1.5;
const RELEASE_MS: f64 = 50.0;

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
    chain.limiter.character = if aim.goal.crest_db > PUNCHY_CREST_DB { Character::Punchy } else { Character::Dense };
    chain.limiter.lookahead_ms = LOOKAHEAD_MS;
    chain.limiter.release_ms = RELEASE_MS;
    apply_fixed(&mut chain, wishes);
    chain
}
