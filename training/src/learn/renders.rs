//! Renders: what our own chain makes of train music with settings drawn by lot, for the inverse chain model.
//!
//! The mix is one section of a record, un-mastered; the effect of the settings is measured on another section of it, and
//! added to the mix's figures, so that what a network learns is the effect and not the music.
//! The file is 32-bit floats, little-endian, a row each: inputs, positions of the parameters, number of the artist.

use super::pairs::{analyse, capped, group};
use super::{corpus_folder, root};
use crate::corpus::{self, Record};
use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use crate::unmaster::Recipe;
use crate::work::each;
use anyhow::{Context, Result};
use automaster::analysis::Analysis;
use automaster::chain::{ChainSettings, MasteringChain};
use automaster::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES};
use automaster::propose::inverse;
use automaster::target::portrait::{FIGURES, Portrait};
use clap::Args;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

/// Draws settings, renders, measures.
#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    /// Seed of everything.
    #[arg(long, default_value_t = 21)]
    seed: u64,
    /// Seconds that are measured of each section.
    #[arg(long, default_value_t = 6.0)]
    section_s: f64,
    /// Settings drawn for each record.
    #[arg(long, default_value_t = 40)]
    draws: usize,
    /// Most records of one artist (or of one package, where the artist is unknown).
    #[arg(long, default_value_t = 24)]
    per_artist: usize,
    /// Only so many records, for a short look.
    #[arg(long)]
    records: Option<usize>,
    /// Records at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// The file to write.
    #[arg(long, default_value = ".cache/learn/renders.f32")]
    out: PathBuf,
}

/// Music before the measured part, so that filters and envelopes settle.
const ROLL_S: f64 = 2.0;
/// So many draws share a pair of sections and a recipe.
const DRAWS_PER_MIX: usize = 8;

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let corpus = corpus::read(&root()?.join("training/corpus.tsv"), &corpus_folder()?, "train")?;
    let mut records = capped(corpus, arguments.seed, arguments.per_artist);
    records.truncate(arguments.records.unwrap_or(usize::MAX));
    let groups: Vec<String> = records.iter().map(group).collect::<BTreeSet<_>>().into_iter().collect();
    let rows = each(arguments.jobs, records.len(), &|at, _: &mut ()| {
        let number = groups.iter().position(|g| *g == group(&records[at])).context("every record has a group")?;
        let rows = rows_of(&records[at], arguments, number)?;
        writeln!(std::io::stderr(), "{} of {}: {}", at + 1, records.len(), records[at].name)?;
        Ok(rows)
    })?;
    let out = root()?.join(&arguments.out);
    let folder = out.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let bytes: Vec<u8> = rows.iter().flatten().flatten().flat_map(|x| x.to_le_bytes()).collect();
    file.write_all(&bytes)?;
    file.persist(&out)?;
    let about = serde_json::json!({
        "rows": rows.iter().map(Vec::len).sum::<usize>(),
        "inputs": inverse::INPUTS,
        "params": inverse::param_ids(),
        "neutral": inverse::positions(&ChainSettings::default()),
        "inverse_version": inverse::INVERSE_VERSION,
        "params_version": automaster::chain::PARAMS_VERSION,
        "seed": arguments.seed,
    });
    std::fs::write(out.with_extension("json"), serde_json::to_vec_pretty(&about)?)?;
    Ok(())
}

fn rows_of(record: &Record, arguments: &Arguments, group: usize) -> Result<Vec<Vec<f32>>> {
    let sound = record.decode()?;
    let mut rng = Rng::named(arguments.seed, &record.name);
    let length_s = arguments.section_s + ROLL_S;
    let mut rows = Vec::new();
    for mix in 0..arguments.draws.div_ceil(DRAWS_PER_MIX) {
        let recipe = Recipe::draw(arguments.seed, &format!("{}/{mix}", record.name));
        let gain = 10f64.powf(rng.uniform(-9.0, 3.0) / 20.0);
        // The other section begins at least a fifth of the record away, where the record is long enough.
        let place = rng.uniform(0.0, 1.0);
        let other = (place + rng.uniform(0.2, 0.8)).fract();
        let [mix, elsewhere] = [place, other].map(|place| {
            let mut section = recipe.apply(&sound.section(place, length_s));
            section.scale(gain);
            section
        });
        let mix = Portrait::of(&analyse(&settled(&mix)));
        let before = analyse(&settled(&elsewhere));
        for _ in 0..DRAWS_PER_MIX.min(arguments.draws) {
            let chain = draw(&mut rng, &before);
            let after = Portrait::of(&analyse(&settled(&render(&chain, &elsewhere))));
            let effect = Portrait::of(&before);
            let goal = Portrait(std::array::from_fn::<_, FIGURES, _>(|i| mix.0[i] + after.0[i] - effect.0[i]));
            let mut row = inverse::inputs(&mix, &goal).to_vec();
            row.extend(inverse::positions(&chain).iter().map(|p| *p as f32));
            row.push(group as f32);
            if row.iter().all(|x| x.is_finite()) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// The part that is measured.
fn settled(sound: &Sound) -> Sound {
    let from = ((ROLL_S * f64::from(SAMPLE_RATE_HZ)) as usize).min(sound.frames() / 2);
    Sound { channels: sound.channels.each_ref().map(|c| c[from..].to_vec()) }
}

fn render(settings: &ChainSettings, sound: &Sound) -> Sound {
    let mut chain = MasteringChain::new(settings, f64::from(SAMPLE_RATE_HZ), 2);
    let mut channels = sound.channels.to_vec();
    channels.iter_mut().for_each(|c| c.extend(vec![0.0; chain.latency_frames()]));
    chain.process(&mut channels);
    let late = channels[0].len() - sound.frames();
    Sound { channels: std::array::from_fn(|c| channels[c][late..].to_vec()) }
}

/// Settings as a mastering engineer might choose them, and sometimes a stage is left out.
fn draw(rng: &mut Rng, music: &Analysis) -> ChainSettings {
    let mut chain = ChainSettings::default();
    let tone = curve(rng, 3.0);
    let width = curve(rng, 1.0);
    let widths: [f64; DYNAMICS_BANDS] = std::array::from_fn(|_| rng.uniform(-4.0, 4.0));
    chain.match_eq.mid.gains_db = tone;
    chain.match_eq.side.gains_db = std::array::from_fn(|i| tone[i] + width[i]);
    let percent = widths.map(|db| 100.0 * 10f64.powf(db / 20.0));
    let s = &mut chain.stereo;
    [s.low_width_percent, s.low_mid_width_percent, s.high_mid_width_percent, s.high_width_percent] = percent;
    if rng.uniform(0.0, 1.0) < 0.6 {
        chain.compressor.ratio = 1.0 / (1.0 - rng.uniform(0.0, 0.35));
    }
    let [bends, attacks] = [0.6, 0.6].map(|share| rng.uniform(0.0, 1.0) < share);
    for band in chain.multiband.bands_mut() {
        let (bend, transient_db) = (rng.uniform(-0.25, 0.4), rng.uniform(-3.0, 3.0));
        if bends {
            band.high_ratio = 1.0 / (1.0 - bend);
        }
        if attacks {
            band.transient_db = transient_db;
        }
    }
    chain.limiter.drive_db = rng.uniform(-24.0, -8.0) - music.loudness.integrated_lufs;
    chain.limiter.ceiling_dbtp = if rng.uniform(0.0, 1.0) < 0.4 { -1.0 } else { rng.uniform(-10.0, -0.3) };
    chain.limiter.lookahead_ms = 1.5;
    chain.limiter.release_ms = 50.0;
    let positions: Vec<Option<f64>> = inverse::positions(&chain).into_iter().map(Some).collect();
    inverse::apply(&positions, music, &mut chain);
    chain
}

/// A smooth curve over third octaves: a tilt, and a walk whose steps are smoothed over an octave; without a mean from 100 Hz
/// to 8 kHz, so that level is the limiter's business.
fn curve(rng: &mut Rng, size_db: f64) -> [f64; THIRD_OCTAVES] {
    let tilt = rng.uniform(-0.15, 0.15) * size_db;
    let steps: Vec<f64> = (0..THIRD_OCTAVES + 2).map(|_| rng.uniform(-0.5, 0.5) * size_db).collect();
    let mut level = 0.0;
    let mut curve: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| {
        level = 0.85 * level + (steps[i] + steps[i + 1] + steps[i + 2]) / 3.0;
        level + tilt * (i as f64 - 17.0)
    });
    let mean = curve[7..27].iter().sum::<f64>() / 20.0;
    curve.iter_mut().for_each(|g| *g = (*g - mean).clamp(-15.0, 15.0));
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_have_no_mean_and_about_the_size_of_mastering_moves() {
        let mut rng = Rng::named(3, "curves");
        let curves: Vec<_> = (0..200).map(|_| curve(&mut rng, 3.0)).collect();
        let mean_square = |i: usize| curves.iter().map(|c| c[i] * c[i]).sum::<f64>() / 200.0;
        assert!(curves.iter().all(|c| c[7..27].iter().sum::<f64>().abs() < 1e-6));
        let rms = (7..27).map(mean_square).sum::<f64>().sqrt() / 20f64.sqrt();
        assert!((1.0..6.0).contains(&rms), "{rms}");
    }

    #[test]
    fn a_neutral_chain_changes_nothing_and_a_render_lines_up() {
        let left: Vec<f32> = (0..SAMPLE_RATE_HZ as usize).map(|n| (n as f32 * 0.1).sin() * 0.2).collect();
        let sound = Sound { channels: [left.clone(), left] };
        assert_eq!(render(&ChainSettings::default(), &sound), sound);
        let mut louder = ChainSettings::default();
        louder.limiter.drive_db = 6.0;
        louder.limiter.ceiling_dbtp = -1.0;
        let rendered = render(&louder, &sound);
        let error = rendered.channels[0][2000..40_000].iter().zip(&sound.channels[0][2000..]).map(|(a, b)| (a - 2.0 * b).abs());
        assert!(error.fold(0f32, f32::max) < 0.01);
    }
}
