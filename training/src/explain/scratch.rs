//! From scratch: what is proposed when a group is set on target in the target itself, by the public face alone.

use anyhow::{Context, Result};
use automaster::analysis::{Analysis, Section, Timeline};
use automaster::chain::ChainSettings;
use automaster::job::Wishes;
use automaster::propose::{FeatureGroup, propose};
use automaster::render::Audition;
use automaster::target::Target;
use std::ops::Range;

/// An audition that nobody asks.
struct Unheard<'a>(&'a Timeline);

impl Audition for Unheard<'_> {
    fn render(&self, _: &ChainSettings) -> Timeline {
        self.0.clone()
    }
    fn original(&self) -> &Timeline {
        self.0
    }
    fn rows(&self) -> &[Range<usize>] {
        &[]
    }
}

/// The first proposal, without refinement. `excerpts` is any timeline.
pub(super) fn first(mix: &Timeline, target: &Target, wishes: &Wishes, excerpts: &Timeline) -> Result<ChainSettings> {
    let wishes = Wishes { rounds: Some(0), ..wishes.clone() };
    Ok(propose(mix, target, &wishes, &Unheard(excerpts))?.chain)
}

/// The target with one group as the mix has it; none for faults, which are no part of a target.
pub(super) fn on_target(mix: &Analysis, target: &Target, group: &FeatureGroup) -> Result<Option<Target>> {
    let mut on = target.clone();
    let figures = group.figures(mix);
    let both = |read: &dyn Fn(&Section) -> f64| 0.5 * (read(&target.value.whole) + read(&target.value.loud));
    let anchor = (7..27).map(|i| both(&|s| s.spectrum.mid_dbfs[i])).sum::<f64>() / 20.0;
    for (id, figure) in group.features().iter().zip(figures) {
        let name = id.strip_prefix("loud.").unwrap_or(id);
        match name.split_once('_') {
            Some(("mid", rest)) => {
                let at = octave(rest)?;
                let now = both(&|s| s.spectrum.mid_dbfs[at]);
                let width = both(&|s| s.spectrum.side_dbfs[at]) - now;
                in_both(&mut on.value, &|s| {
                    s.spectrum.mid_dbfs[at] = anchor + figure;
                    s.spectrum.side_dbfs[at] = anchor + figure + width;
                });
            }
            Some(("side", rest)) => {
                let at = octave(rest)?;
                let mid = both(&|s| s.spectrum.mid_dbfs[at]);
                in_both(&mut on.value, &|s| s.spectrum.side_dbfs[at] = mid + figure);
            }
            _ if id.starts_with("defects.") => return Ok(None),
            _ if id.starts_with("loudness.") => set(&mut on.value, id, figure)?,
            _ => {
                set(&mut on.value, id, figure)?;
                set(&mut on.value, &format!("whole.{name}"), figure)?;
            }
        }
    }
    Ok(Some(on))
}

fn octave(rest: &str) -> Result<usize> {
    let hz: u32 = rest.split('_').next().context("a frequency")?.parse()?;
    automaster::dsp::bands::THIRD_OCTAVE_HZ.iter().position(|f| *f == hz).context("a third octave")
}

fn in_both(analysis: &mut Analysis, change: &dyn Fn(&mut Section)) {
    change(&mut analysis.whole);
    change(&mut analysis.loud);
}

fn set(analysis: &mut Analysis, id: &str, value: f64) -> Result<()> {
    automaster::analysis::find_feature(id).with_context(|| format!("no feature {id}"))?.set(analysis, value);
    Ok(())
}
