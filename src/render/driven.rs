//! How far a plan's master is driven and how loud it gets, without a file being written.
//!
//! `mix ─ stages before the limiter ─ resample ─▶ spill ─ probes ─▶ drive, loudness`: the first half of a render.

use super::drive::Waiting;
use super::master::before_limiter;
use crate::audio::spill::Spill;
use crate::error::Error;
use crate::plan::Plan;
use crate::progress::Progress;

/// Drive and loudness of a master, which belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Driven {
    /// Drive into the limiter in dB, −40 to 40.
    pub drive_db: f64,
    /// Integrated loudness that it gives, in LUFS.
    pub loudness_lufs: f64,
}

/// What a render of this plan drives its limiter by: where a loudness is promised, what gives it; else what the plan says. Both
/// figures are those of the probes, by which [`render`](super::render()) drives at first, and nearly always at last.
/// Errors: the samples cannot be read; interrupted.
pub fn driven(mix: &Spill, plan: &Plan, progress: &Progress) -> Result<Driven, Error> {
    let before = before_limiter(mix, plan, &[], progress)?;
    let waiting = Waiting { audio: &before.audio, integrated_lufs: before.integrated_lufs };
    let mut limiter = plan.chain.limiter.clone();
    if limiter.bypass {
        return Ok(Driven { drive_db: 0.0, loudness_lufs: before.integrated_lufs });
    }
    if let Some(promised_lufs) = plan.delivery.loudness_lufs {
        limiter.drive_db = waiting.drive_for(promised_lufs, &limiter, progress.threads)?;
    }
    let loudness_lufs = waiting.driven_lufs(&limiter, progress.threads)?;
    Ok(Driven { drive_db: limiter.drive_db, loudness_lufs })
}
