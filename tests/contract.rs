//! The stage contract (see `automaster::chain::Processor`), held by every stage of the chain with random settings by seed:
//! blocks, reset, latency, transparency, silence, finiteness, allocation, image.

mod common;

use automaster::chain::{ChainSettings, Processor, Stage};
use common::{HARD_SIGNALS, Numbers, acting, hard_signal, music, settings};

const RATES_HZ: [f64; 6] = [44_100.0, 48_000.0, 96_000.0, 192_000.0, 8_000.0, 384_000.0];
const SETTINGS_PER_STAGE: u64 = 6;
/// Frames of sound that come out where output is compared: behind a stage's latency, which may be many times as long.
const FRAMES: usize = 20_000;

/// A stage with settings that make it act, at some rate, for one or two channels.
struct Case {
    stage: Stage,
    settings: ChainSettings,
    rate_hz: f64,
    channels: usize,
}

impl Case {
    fn build(&self) -> Box<dyn Processor> {
        self.stage.build(&self.settings, self.rate_hz, self.channels).unwrap()
    }

    /// Fails where nothing but zeros came out: what is compared then proves nothing.
    fn assert_heard(&self, out: &[Vec<f32>]) {
        assert!(out.iter().flatten().any(|x| *x != 0.0), "{}: nothing came out", self.name());
    }

    fn name(&self) -> String {
        format!("{} at {} Hz, {} channels, {:?}", self.stage.name(), self.rate_hz, self.channels, self.settings.changed())
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let cases = |stage: Stage| {
        (0..SETTINGS_PER_STAGE).map(move |seed| {
            let mut numbers = Numbers::new(seed * 100 + stage as u64);
            let settings = acting(stage, &mut numbers);
            // What works on the image alone is left out where there is one channel.
            let channels = if seed == 1 && stage.acts(&settings, 1) { 1 } else { 2 };
            let rate_hz = RATES_HZ[seed as usize % RATES_HZ.len()];
            Case { stage, settings, rate_hz, channels }
        })
    };
    Stage::ALL.iter().flat_map(move |stage| cases(*stage))
}

/// Runs a copy of `input` through in blocks of these lengths, over and over.
fn run(processor: &mut dyn Processor, input: &[Vec<f32>], blocks: &[usize]) -> Vec<Vec<f32>> {
    let frames = input[0].len();
    let mut output = vec![Vec::with_capacity(frames); input.len()];
    let (mut start, mut lengths) = (0, blocks.iter().cycle());
    while start < frames {
        let end = (start + lengths.next().unwrap()).min(frames);
        let mut part: Vec<Vec<f32>> = input.iter().map(|c| c[start..end].to_vec()).collect();
        processor.process(&mut part);
        output.iter_mut().zip(&part).for_each(|(out, p)| out.extend_from_slice(p));
        start = end;
    }
    output
}

fn same_bits(a: &[Vec<f32>], b: &[Vec<f32>]) -> bool {
    a.iter().flatten().map(|x| x.to_bits()).eq(b.iter().flatten().map(|x| x.to_bits()))
}

#[test]
fn any_division_into_blocks_gives_the_same_samples_and_reset_the_same_run() {
    for case in cases() {
        let mut processor = case.build();
        let latency = processor.latency_frames();
        let input = music(case.rate_hz, case.channels, latency + FRAMES, 7);
        let whole = run(processor.as_mut(), &input, &[latency + FRAMES]);
        case.assert_heard(&whole);
        let meter = processor.meter();
        for blocks in [&[1][..], &[64], &[441], &[4096], &[1, 63, 7, 3000, 16, 15, 2]] {
            processor.reset();
            let out = run(processor.as_mut(), &input, blocks);
            assert!(same_bits(&whole, &out), "{}: blocks of {blocks:?} give other samples", case.name());
            assert!(meter == processor.meter(), "{}: blocks of {blocks:?} give other meters", case.name());
        }
        assert_eq!(latency, processor.latency_frames(), "{}", case.name());
        let again = run(case.build().as_mut(), &input, &[1000]);
        assert!(same_bits(&whole, &again), "{}: a new processor gives other samples", case.name());
    }
}

/// Settings under which a stage leaves an impulse of −12 dBFS recognisable, and how many frames its energy may wander
/// (the crossover's all-passes and minimum-phase filters spread it).
fn gentle(stage: Stage) -> (ChainSettings, usize) {
    let (values, wander): (&[(&str, f64)], _) = match stage {
        Stage::Repair => (&[("repair.highpass_hz", 20.0), ("repair.declip", 1.0)], 0),
        Stage::Eq => (&[("eq.band1.on", 1.0), ("eq.band1.gain_db", 3.0)], 0),
        Stage::Deess => (&[("deess.range_db", 6.0), ("deess.threshold_db", -20.0)], 0),
        Stage::Resonance => (&[("resonance.amount_percent", 50.0)], 0),
        Stage::Leveler => (&[("leveler.amount_percent", 50.0)], 0),
        Stage::Compressor => (&[("compressor.threshold_dbfs", -30.0), ("compressor.ratio", 2.0)], 0),
        Stage::Multiband => (&[("multiband.high.gain_db", 2.0)], 8),
        Stage::MatchEq => (&[("match_eq.mid.gain_1000_hz_db", 2.0), ("match_eq.side.gain_1000_hz_db", 2.0)], 0),
        Stage::Saturation => (&[("saturation.drive_db", 3.0)], 0),
        Stage::Exciter => (&[("exciter.presence_percent", 10.0)], 0),
        Stage::Stereo => (&[("stereo.high_width_percent", 120.0)], 8),
        Stage::Clipper => (&[("clipper.threshold_dbfs", -15.0)], 0),
        Stage::Limiter => (&[("limiter.drive_db", 15.0), ("limiter.ceiling_dbtp", -1.0)], 0),
    };
    (settings(values), wander)
}

#[test]
fn an_impulse_arrives_after_exactly_the_latency() {
    for stage in Stage::ALL {
        let (settings, wander) = gentle(*stage);
        for rate_hz in [44_100.0, 48_000.0, 96_000.0] {
            let mut processor = stage.build(&settings, rate_hz, 2).unwrap();
            let latency = processor.latency_frames();
            let mut impulse = vec![vec![0f32; 1000 + latency + 4000]; 2];
            (impulse[0][1000], impulse[1][1000]) = (0.25, 0.25);
            let out = run(processor.as_mut(), &impulse, &[512]);
            let largest = |c: &[f32]| c.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap().0;
            for channel in &out {
                let late = largest(channel).abs_diff(1000 + latency);
                assert!(late <= wander, "{} at {rate_hz} Hz: {late} frames from where it should be", stage.name());
            }
        }
    }
}

#[test]
fn neutral_settings_are_transparent() {
    let neutral = ChainSettings::default();
    for stage in Stage::ALL {
        for (rate_hz, channels) in [(44_100.0, 2), (96_000.0, 1)] {
            let Some(mut processor) = stage.build(&neutral, rate_hz, channels) else { continue };
            // Only the limiter is there when neutral: it guards. What is below the ceiling it only delays.
            assert_eq!(*stage, Stage::Limiter, "{} acts when neutral", stage.name());
            let mut input = music(rate_hz, channels, 20_000, 3);
            input.iter_mut().flatten().for_each(|x| *x *= 0.8);
            let latency = processor.latency_frames();
            let out = run(processor.as_mut(), &input, &[700]);
            for (out, input) in out.iter().zip(&input) {
                assert!(out[latency..] == input[..input.len() - latency], "{} changes what it should delay", stage.name());
            }
        }
    }
}

#[test]
fn a_bypassed_stage_is_left_out() {
    for case in cases() {
        let mut bypassed = case.settings.clone();
        bypassed.set(&format!("{}.bypass", case.stage.name()), 1.0).unwrap();
        assert!(case.stage.build(&bypassed, case.rate_hz, case.channels).is_none(), "{}", case.name());
    }
}

#[test]
fn silence_stays_silence_and_sound_ends_in_silence() {
    for case in cases() {
        let mut processor = case.build();
        let latency = processor.latency_frames();
        let silence = |frames: usize| vec![vec![0f32; frames]; case.channels];
        let out = run(processor.as_mut(), &silence(latency + FRAMES), &[512]);
        assert!(out.iter().flatten().all(|x| *x == 0.0), "{}: silence does not stay silent", case.name());
        let mut heard = run(processor.as_mut(), &music(case.rate_hz, case.channels, 10_000, 5), &[512]);
        let late = run(processor.as_mut(), &silence(latency), &[4096]);
        heard.iter_mut().zip(&late).for_each(|(heard, late)| heard.extend_from_slice(late));
        case.assert_heard(&heard);
        let mut out = Vec::new();
        for _ in 0..(4.0 * case.rate_hz / FRAMES as f64) as usize + 1 {
            out = run(processor.as_mut(), &silence(FRAMES), &[4096]);
        }
        let rest = out.iter().flatten().fold(0f32, |m, x| m.max(x.abs()));
        assert!(rest < 1e-6, "{}: {rest} is left four seconds after the sound", case.name());
    }
}

#[test]
fn finite_input_gives_finite_output() {
    for case in cases() {
        let mut processor = case.build();
        let latency = processor.latency_frames();
        for name in HARD_SIGNALS {
            let input = hard_signal(name, case.rate_hz, case.channels, 6_000, 11);
            let out = run(processor.as_mut(), &input, &[777]);
            assert!(out.iter().flatten().all(|x| x.is_finite()), "{}: {name} gives NaN or infinity", case.name());
        }
        // The end of the hard signals comes out with what follows them.
        let recovered = run(processor.as_mut(), &music(case.rate_hz, case.channels, latency + 6_000, 5), &[777]);
        assert!(recovered.iter().flatten().all(|x| x.is_finite()), "{}", case.name());
        case.assert_heard(&recovered);
    }
}

#[test]
fn processing_allocates_nothing() {
    for case in cases() {
        let mut processor = case.build();
        let sound = music(case.rate_hz, case.channels, 12_000, 13);
        // The last one is heard to its end, and what is heard of it is decided upon.
        for length in [1, 4096, 64, 7000, 2 * processor.latency_frames() + FRAMES] {
            let mut block: Vec<Vec<f32>> = sound.iter().map(|c| c.iter().copied().cycle().take(length).collect()).collect();
            let counted = allocation_counter::measure(|| processor.process(&mut block));
            assert_eq!(counted.count_total, 0, "{}: a block of {length} frames allocates", case.name());
        }
    }
}

#[test]
fn linked_stages_keep_the_image() {
    // Right is left at exactly half the level, and must stay so whatever the gain does.
    let linked = [Stage::Deess, Stage::Resonance, Stage::Leveler, Stage::Compressor, Stage::Multiband, Stage::Limiter];
    for case in cases().filter(|case| linked.contains(&case.stage)) {
        let mut settings = case.settings.clone();
        if case.stage == Stage::Limiter {
            settings.set("limiter.link_percent", 100.0).unwrap();
        }
        let mut processor = case.stage.build(&settings, case.rate_hz, 2).unwrap();
        let left = music(case.rate_hz, 1, processor.latency_frames() + FRAMES, 17).remove(0);
        let right = left.iter().map(|x| 0.5 * x).collect();
        let out = run(processor.as_mut(), &[left, right], &[512]);
        case.assert_heard(&out);
        let error = out[0].iter().zip(&out[1]).fold(0f32, |m, (l, r)| m.max((0.5 * l - r).abs()));
        assert!(error < 1e-5, "{}: right is off by {error}", case.name());
    }
}
