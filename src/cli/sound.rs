//! Options about the sound: which dimensions to match and how far, and settings that a person fixes.

use super::failure::Failure;
use automaster::chain::find;
use automaster::error::Error;
use automaster::job::Engine;
use automaster::order::{self, Order};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A dimension that can be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Match {
    /// The spectrum
    Tone,
    /// How loud
    Loudness,
    /// How dense, how punchy
    Dynamics,
    /// The stereo image
    Width,
}

/// Where refinement starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StartFrom {
    /// Physics and standards
    Rules,
    /// The inverse chain model
    Learned,
}

/// How the master should sound.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sound")]
pub(crate) struct SoundArgs {
    /// What to take over from the reference
    #[arg(
        long = "match",
        value_name = "LIST",
        value_enum,
        value_delimiter = ',',
        default_value = "tone,loudness,dynamics,width",
        hide_possible_values = true
    )]
    dimensions: Vec<Match>,
    /// How much of the difference to take over
    #[arg(long, value_name = "0..100", default_value = "100", value_parser = percent)]
    amount: f64,
    /// How much of the difference in tone [default: --amount]
    #[arg(long, value_name = "0..100", value_parser = percent)]
    tone_amount: Option<f64>,
    /// How much of the difference in loudness [default: --amount]
    #[arg(long, value_name = "0..100", value_parser = percent)]
    loudness_amount: Option<f64>,
    /// How much of the difference in dynamics [default: --amount]
    #[arg(long, value_name = "0..100", value_parser = percent)]
    dynamics_amount: Option<f64>,
    /// How much of the difference in width [default: --amount]
    #[arg(long, value_name = "0..100", value_parser = percent)]
    width_amount: Option<f64>,
    /// Insist on the loudness, even where peaks have to be flattened (PSR under 6)
    #[arg(long)]
    force_loudness: bool,
    /// Where refinement starts: from rules (two rounds), or from the learned model of the chain (one); up to
    /// two more where the loudness is not reached
    #[arg(long, value_name = "ENGINE", value_enum, default_value = "rules")]
    engine: StartFrom,
    /// Fix a setting of the chain; repeatable; `automaster params` lists all
    #[arg(long = "set", value_name = "ID=VALUE", value_parser = assignment)]
    settings: Vec<(String, String)>,
    /// Follow a file of feedback in words, as `revise` understands it, after the proposal: lines or commas, # begins a remark
    #[arg(long, value_name = "FILE")]
    instructions: Option<PathBuf>,
}

/// Reads 0 to 100 as a share.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('%').parse::<f64>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value / 100.0),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (id, value) = text.split_once('=').ok_or("expected ID=VALUE, as in limiter.release_ms=80")?;
    Ok((id.trim().to_owned(), value.trim().to_owned()))
}

impl SoundArgs {
    /// Puts these options into the order. Errors: an unknown setting, a value out of range.
    pub(crate) fn apply(&self, order: &mut Order) -> Result<(), Failure> {
        order.dimensions = self.dimensions.iter().map(|dimension| dimension.matched()).collect();
        order.amount = self.amount;
        order.amounts = [self.tone_amount, self.loudness_amount, self.dynamics_amount, self.width_amount];
        order.engine = match self.engine {
            StartFrom::Rules => Engine::Rules,
            StartFrom::Learned => Engine::Learned,
        };
        order.force_loudness = self.force_loudness;
        for (id, text) in &self.settings {
            let value = find(id).and_then(|param| param.parse(text)).map_err(Error::Param)?;
            order.fixed.push((id.clone(), value));
        }
        order.instructions.clone_from(&self.instructions);
        Ok(())
    }
}

impl Match {
    const fn matched(self) -> order::Match {
        match self {
            Self::Tone => order::Match::Tone,
            Self::Loudness => order::Match::Loudness,
            Self::Dynamics => order::Match::Dynamics,
            Self::Width => order::Match::Width,
        }
    }
}
