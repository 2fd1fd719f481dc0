//! Which mix a plan is for: the plan of another one is taken over, but not for what it says of that mix.

use crate::job::Song;
use crate::plan::{Decision, MixIdentity, Plan, Source};

/// What tells this mix from others.
pub(super) fn identity(mix: &Song) -> MixIdentity {
    MixIdentity {
        file: mix.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        sample_rate_hz: mix.info.sample_rate_hz,
        channels: mix.info.channels,
        frames: mix.analysis.frames,
    }
}

/// In what the mix that a plan was made for differs from this one; none where it is of the same shape.
pub(super) fn difference(made_for: &MixIdentity, this: &MixIdentity) -> Option<String> {
    let compare = |what: &str, there: u64, here: u64| (there != here).then(|| format!("{what} {there} there, {here} here"));
    compare("sample rate in Hz", made_for.sample_rate_hz.into(), this.sample_rate_hz.into())
        .or_else(|| compare("channels", made_for.channels as u64, this.channels as u64))
        .or_else(|| compare("length in frames", made_for.frames, this.frames))
}

/// A plan as this mix's own: of the plan of another mix the moves stay, and the reasons, which speak of that one, go.
pub(super) fn taken_over(plan: &Plan, mix: MixIdentity) -> Plan {
    let plan = plan.clone();
    if difference(&plan.mix, &mix).is_none() {
        return Plan { mix, ..plan };
    }
    let bare = |decision: Decision| Decision {
        source: Source::User,
        evidence: Vec::new(),
        clamped: None,
        attribution: None,
        ..decision
    };
    Plan { mix, decisions: plan.decisions.into_iter().map(bare).collect(), concessions: Vec::new(), ..plan }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_told_by_its_shape_and_not_by_its_name() {
        let mix = |file: &str, sample_rate_hz, channels, frames| {
            let file = file.to_owned();
            MixIdentity { file, sample_rate_hz, channels, frames }
        };
        let this = mix("a.wav", 44_100, 2, 1000);
        let told = |made_for: MixIdentity| difference(&made_for, &this).unwrap_or_default();
        assert_eq!(told(mix("b.wav", 44_100, 2, 1000)), "");
        assert_eq!(told(mix("a.wav", 48_000, 2, 1000)), "sample rate in Hz 48000 there, 44100 here");
        assert_eq!(told(mix("a.wav", 44_100, 1, 1000)), "channels 1 there, 2 here");
        assert_eq!(told(mix("a.wav", 44_100, 2, 999)), "length in frames 999 there, 1000 here");
    }
}
