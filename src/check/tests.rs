//! Every rule on a planted fault, and none on the same music without it.

use super::*;
use std::f64::consts::TAU;

const RATE: u32 = 44_100;
const SECONDS: usize = 14;

struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0 >> 8) / f64::from(1u32 << 23) - 1.0
    }
}

/// A band in a room: drums, bass, chords, a little air up to the top; faded in and out, peaks near −5 dBFS.
fn clean() -> Vec<Vec<f32>> {
    let mut noise = Noise(3);
    let (mut channels, frames) = (vec![Vec::new(), Vec::new()], SECONDS * RATE as usize);
    for n in 0..frames {
        let t = n as f64 / f64::from(RATE);
        let voice = |hz: f64| (TAU * hz * t).sin();
        let (beat, half) = (t % 0.5, t % 0.25);
        let kick = voice(55.0) * (-beat * 14.0).exp();
        let snare = noise.next() * (-((t + 0.25) % 0.5) * 25.0).exp() * (1.0 - (-((t + 0.25) % 0.5) * 900.0).exp());
        let hat = noise.next() * (-half * 60.0).exp() * (1.0 - (-half * 1500.0).exp());
        let chord = 0.5 * voice(220.0) + 0.4 * voice(277.2) + 0.3 * voice(329.6 * 2.0);
        let edge = (t / 0.2).min(1.0) * ((SECONDS as f64 - 0.2 - t) / 0.8).clamp(0.0, 1.0).powi(2);
        let centre = 0.34 * kick + 0.2 * snare + 0.05 * hat + 0.1 * chord;
        for channel in &mut channels {
            channel.push((edge * (centre + 0.004 * noise.next()) + 2e-7 * noise.next()) as f32);
        }
    }
    channels
}

fn codes(channels: &[Vec<f32>]) -> Vec<&'static str> {
    let check = check_samples(Path::new("mix.wav"), channels, RATE, Some(24)).unwrap();
    let mut codes: Vec<_> = check.findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    codes
}

/// The clean music with something done to it is found by exactly this rule, or these.
fn plants(expected: &[&str], spoil: impl FnOnce(&mut Vec<Vec<f32>>)) {
    let mut channels = clean();
    spoil(&mut channels);
    let found = codes(&channels);
    assert!(expected.iter().all(|code| found.contains(code)), "{expected:?}: {found:?}");
    assert!(found.len() <= expected.len() + 1, "{expected:?}: {found:?}");
}

fn each(channels: &mut [Vec<f32>], change: impl Fn(f32) -> f32) {
    channels.iter_mut().flatten().for_each(|x| *x = change(*x));
}

#[test]
fn clean_music_passes() {
    let check = check_samples(Path::new("mix.wav"), &clean(), RATE, Some(24)).unwrap();
    assert_eq!((check.verdict, check.findings.as_slice()), (Verdict::Pass, &[][..]));
    assert_eq!(check.passed.len(), RULES.len());
}

#[test]
fn levels_and_peaks() {
    plants(&["clipped", "peak", "true_peak"], |c| each(c, |x| (2.6 * x).clamp(-1.0, 1.0)));
    plants(&["headroom"], |c| each(c, |x| 1.7 * x));
    plants(&["dc"], |c| each(c, |x| x + 0.004));
    plants(&["imbalance"], |c| c[0].iter_mut().for_each(|x| *x *= 0.7));
}

#[test]
fn image() {
    plants(&["negative_correlation", "mono_loss"], |c| c[1].iter_mut().for_each(|x| *x = -*x));
    plants(&["dual_mono"], |c| c[1] = c[0].clone());
    plants(&["silent_channel"], |c| c[1].fill(0.0));
    plants(&["silent_channel"], |c| c[0].iter_mut().for_each(|x| *x *= 0.001));
}

#[test]
fn edges() {
    plants(&["tail_cut"], |c| c.iter_mut().for_each(|x| x.truncate(12 * RATE as usize)));
    plants(&["head_cut"], |c| c.iter_mut().for_each(|x| drop(x.drain(..RATE as usize + 700))));
    let mut noise = Noise(9);
    plants(&["noisy_edge"], |c| {
        c.iter_mut().for_each(|x| {
            let hiss = (0..RATE).map(|_| (0.002 * noise.next()) as f32).collect::<Vec<_>>();
            drop(x.splice(..0, hiss));
        });
    });
    plants(&["silent_edge"], |c| c.iter_mut().for_each(|x| drop(x.splice(..0, vec![0.0; RATE as usize]))));
}

#[test]
fn clicks_are_timed() {
    let mut channels = clean();
    for at_s in [3.42, 7.11] {
        channels[0][(at_s * f64::from(RATE)) as usize] += 0.4;
    }
    let check = check_samples(Path::new("mix.wav"), &channels, RATE, Some(24)).unwrap();
    let [clicks] = check.findings.as_slice() else { panic!("{:?}", check.findings) };
    assert_eq!((clicks.code, clicks.spans.len()), ("clicks", 2), "{clicks:?}");
    assert!((clicks.spans[0].from_s - 3.42).abs() < 0.002 && (clicks.spans[1].from_s - 7.11).abs() < 0.002, "{clicks:?}");
    assert!(says(clicks).starts_with("00:03.4, 00:07.1: 2 clicks"), "{}", says(clicks));
}

#[test]
fn sibilants_are_timed_and_banded() {
    let mut channels = clean();
    let mut noise = Noise(5);
    let mut state = [0.0f64; 2];
    for at_s in [4.1, 9.6] {
        for n in 0..(RATE / 8) as usize {
            // A resonance at 6.3 kHz rung by noise.
            let (w, r) = (TAU * 6300.0 / f64::from(RATE), 0.97);
            let y = noise.next() * 0.05 + 2.0 * r * w.cos() * state[0] - r * r * state[1];
            state = [y, state[0]];
            let fade = (std::f64::consts::PI * n as f64 / f64::from(RATE / 8)).sin();
            channels.iter_mut().for_each(|c| c[(at_s * f64::from(RATE)) as usize + n] += (0.6 * fade * y) as f32);
        }
    }
    let check = check_samples(Path::new("mix.wav"), &channels, RATE, Some(24)).unwrap();
    let found = check.findings.iter().find(|f| f.code == "sibilance").unwrap_or_else(|| panic!("{:?}", check.findings));
    assert_eq!(found.band_hz, Some([5600.0, 7100.0]));
    let near = |at_s: f64| found.spans.iter().any(|s| s.from_s < at_s + 0.125 && s.to_s > at_s);
    assert!(near(4.1) && near(9.6) && found.spans.len() <= 4, "{found:?}");
}

#[test]
fn word_length_and_rate() {
    plants(&["word_length"], |c| each(c, |x| (x * 32768.0).round() / 32768.0));
    // Twice the rate by linear-phase resampling: nothing above the old Nyquist frequency.
    let old = clean();
    let mut raised = vec![Vec::new(); 2];
    let mut resampler = crate::audio::resample::Resampler::new(44_100, 96_000, 2);
    resampler.push(&old, &mut raised);
    resampler.finish(&mut raised);
    let check = check_samples(Path::new("mix.wav"), &raised, 96_000, Some(24)).unwrap();
    assert!(check.findings.iter().any(|f| f.code == "upsampled" && f.band_hz == Some([22_050.0, 48_000.0])), "{check:?}");
}

#[test]
fn what_cannot_be_judged_further() {
    assert_eq!(codes(&[vec![0.0; 15 * RATE as usize]]), ["silent"]);
    let silent = check_samples(Path::new("x"), &[vec![0.0; 2 * RATE as usize]], RATE, None).unwrap();
    assert!(silent.passed.is_empty() && !markdown(&silent).contains("Fine as it is"), "{silent:?}");
    assert!(codes(&clean().iter().map(|c| c[..3 * RATE as usize].to_vec()).collect::<Vec<_>>()).contains(&"short"));
    assert!(check_samples(Path::new("x"), &[], RATE, None).is_err());
    let faults = [
        AudioError::NotFinite { path: "x".into(), at_s: 2.5, channel: 1 },
        AudioError::TooManyChannels { path: "x".into(), channels: 6 },
        AudioError::Truncated { path: "x".into(), at_s: 1.0, declared_s: None },
    ];
    for fault in faults {
        assert_eq!(judge::unreadable(&fault).map(|f| f.verdict), Some(Verdict::Fail));
    }
    assert!(judge::unreadable(&AudioError::NotFound { path: "x".into() }).is_none());
}

#[test]
fn the_letter_of_a_clean_mix_promises_no_faults() {
    let mut clean = check_samples(Path::new("a.wav"), &clean(), RATE, Some(24)).unwrap();
    clean.findings.clear();
    clean.duration_s = 179.7;
    let letter = markdown(&clean);
    assert!(
        letter.contains("3 min 0 s long") && letter.contains("Fine as it is") && !letter.contains("What follows"),
        "{letter}"
    );
}

#[test]
fn the_letter_names_time_band_amount_and_remedy() {
    let mut channels = clean();
    channels[0][5 * RATE as usize] += 0.5;
    channels[1].iter_mut().for_each(|x| *x *= 0.6);
    let check = check_samples(Path::new("a<b.wav"), &channels, RATE, Some(24)).unwrap();
    let letter = markdown(&check);
    for words in ["# Notes on the mix a<b.wav", "**00:05.0**", "dB louder than the right", "crossfade edits", "Fine as it is"] {
        assert!(letter.contains(words), "{words}: {letter}");
    }
    let page = html(&check);
    assert!(page.contains("a&lt;b.wav") && !page.contains("a<b.wav") && page.contains("<td>00:05.0</td>"), "{page}");
    assert!(text(&check).contains("warn  imbalance"), "{}", text(&check));
}

#[test]
fn the_table_is_whole() {
    for (index, rule) in RULES.iter().enumerate() {
        assert!(RULES[..index].iter().all(|other| other.code != rule.code), "{}", rule.code);
        assert!(!rule.source.is_empty() && !rule.advice.is_empty() && rules_markdown().contains(rule.code));
        let sentence = words::sentence(rule.code, 1.0, None, &[]);
        assert!(!sentence.ends_with(": 1.00"), "{} has no words of its own", rule.code);
    }
}
