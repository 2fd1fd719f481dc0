//! What was reported, read again: the plan and the sound that a report tells of.

use super::{PlanReport, Report, Source, wording};
use crate::audio::decode::SourceInfo;
use crate::audio::format::SampleFormat;
use crate::chain::ChainSettings;
use crate::params::ParamGroup;
use crate::plan::{MixIdentity, Plan};

impl Report {
    /// What this job came to: its master, or the mix where nothing was rendered.
    pub fn result(&self) -> Source {
        let Some(master) = &self.master else { return self.mix.clone() };
        let (delivery, analysis) = (&self.plan.delivery, &master.analysis);
        let info = SourceInfo {
            format: wording::file_format(delivery),
            sample_rate_hz: analysis.sample_rate_hz,
            channels: analysis.channels,
            frames: Some(analysis.frames),
            bits: (delivery.sample_format != SampleFormat::Float32).then(|| delivery.sample_format.bits()),
            lossy: false,
        };
        Source {
            file: master.file.clone(),
            info,
            analysis: analysis.clone(),
            genres: Vec::new(),
            warnings: Vec::new(),
            trace: master.trace.clone(),
        }
    }
}

impl PlanReport {
    /// The plan that was reported. Settings that this version of the program does not know are left out.
    pub fn plan(&self) -> Plan {
        let mut chain = ChainSettings::default();
        chain.update(&mut |id, _| self.settings.iter().find(|s| s.param == id).map(|s| s.value));
        Plan {
            mix: MixIdentity::default(),
            delivery: self.delivery,
            chain,
            decisions: self.decisions.clone(),
            concessions: self.concessions.clone(),
            notes: self.notes.clone(),
            history: self.history.clone(),
        }
    }
}
