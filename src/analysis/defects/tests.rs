//! Each defect on a planted fault, and none on clean signals.

use super::super::Defect;
use super::super::signals::{Noise, listen, sine};
use std::f64::consts::PI;

const RATE: u32 = 44_100;
const FRAMES: usize = 20 * RATE as usize;

/// Unlike channels with beats, 14 dB of headroom over RMS, nothing wrong with it.
fn clean(seed: u64) -> Vec<Vec<f32>> {
    let (mut noise, mut low) = (Noise(seed), [0.0f64; 2]);
    let mut channels = vec![Vec::new(), Vec::new()];
    for n in 0..FRAMES {
        let beat = 0.15 + (-((n % 22_050) as f64) / 3000.0).exp();
        let common = noise.next();
        for (channel, low) in channels.iter_mut().zip(&mut low) {
            *low += 0.2 * (0.8 * common + 0.3 * noise.next() - *low);
            channel.push((0.25 * *low * beat + 0.01 * noise.next()) as f32);
        }
    }
    channels
}

fn defects(channels: &[Vec<f32>]) -> Vec<Defect> {
    listen(RATE, channels).analysis().defects
}

#[test]
fn clean_signals_have_none() {
    for seed in [1, 2, 3] {
        assert_eq!(defects(&clean(seed)), vec![]);
    }
    // Steady tones have a low PSR by nature; nothing else is wrong with them, not even in 16 bits at a rounded low top.
    for freq_hz in [50.0, 60.0, 49.0, 61.74, 440.0, 997.0] {
        let rounded: Vec<f32> = sine(RATE, FRAMES, freq_hz, 0.5).iter().map(|x| (x * 32_768.0).round() / 32_768.0).collect();
        let found = defects(&[rounded.clone(), rounded]);
        assert!(found.iter().all(|d| matches!(d, Defect::AlreadyLimited { .. })), "{freq_hz} Hz: {found:?}");
    }
}

#[test]
fn clipped_runs_at_full_scale_and_at_the_own_flat_top() {
    for top in [1.0f32, 0.7] {
        let mut channels = clean(1);
        for x in channels.iter_mut().flatten() {
            *x = (*x * 6.0).clamp(-1.0, 1.0) * top;
        }
        let found = defects(&channels);
        let clipped = found
            .iter()
            .find_map(|d| if let Defect::ClippedRuns { count, level_dbfs } = d { Some((*count, *level_dbfs)) } else { None });
        let (count, level_dbfs) = clipped.expect("clipping is found");
        // Counted by hand: every maximal run of three or more at the top.
        let by_hand: usize = channels
            .iter()
            .map(|c| c.chunk_by(|a, b| a == b).filter(|r| r.len() >= 3 && r[0].abs() >= top * 0.9999).count())
            .sum();
        assert_eq!(count as usize, by_hand);
        assert!((level_dbfs - 20.0 * f64::from(top).log10()).abs() < 0.01);
    }
}

#[test]
fn offset_of_one_channel() {
    let mut channels = clean(1);
    channels[1].iter_mut().for_each(|x| *x += 0.004);
    let found = defects(&channels);
    assert!(matches!(found[..], [Defect::Dc { offset_percent }] if (offset_percent - 0.4).abs() < 0.02), "{found:?}");
}

#[test]
fn hum_under_music_with_pauses() {
    for mains in [50.0, 60.0] {
        let mut channels = clean(2);
        for (n, x) in channels.iter_mut().flat_map(|c| c.iter_mut().enumerate()) {
            // The music pauses for 8 of the 20 seconds.
            let music = if (5 * RATE as usize..13 * RATE as usize).contains(&n) { 0.001 } else { 1.0 };
            let w = 2.0 * PI * mains * 1.001 * n as f64 / f64::from(RATE);
            *x = *x * music + (0.002 * w.sin() + 0.001 * (2.0 * w).sin() + 0.0007 * (3.0 * w).sin()) as f32;
        }
        let found = defects(&channels);
        assert!(
            matches!(found[..], [Defect::Hum { freq_hz, excess_db }] if freq_hz == mains && excess_db > 15.0),
            "{mains}: {found:?}"
        );
    }
}

/// Partials of a low string, which lie a little apart from multiples of one frequency, and near those of the mains.
#[test]
fn a_string_near_the_mains_is_no_hum() {
    let mut channels = clean(2);
    for (n, x) in channels.iter_mut().flat_map(|c| c.iter_mut().enumerate()) {
        let music = if (5 * RATE as usize..13 * RATE as usize).contains(&n) { 0.001 } else { 1.0 };
        let string = [(49.7, 0.002), (99.7, 0.001), (149.95, 0.0007)];
        let t = n as f64 / f64::from(RATE);
        *x = *x * music + string.iter().map(|(hz, level)| level * (2.0 * PI * hz * t).sin()).sum::<f64>() as f32;
    }
    let found = defects(&channels);
    assert!(found.iter().all(|defect| !matches!(defect, Defect::Hum { .. })), "{found:?}");
}

#[test]
fn silence_at_both_ends() {
    let mut channels = clean(3);
    for channel in &mut channels {
        channel.splice(0..0, vec![0.0; RATE as usize]);
        channel.extend(vec![0.0; 3 * RATE as usize]);
    }
    let found = defects(&channels);
    let [Defect::SilentHead { seconds: head }, Defect::SilentTail { seconds: tail }] = found[..] else { panic!("{found:?}") };
    assert!((head - 1.0).abs() < 0.01 && (tail - 3.0).abs() < 0.2, "{head} {tail}");
}

#[test]
fn low_pass_of_a_lossy_encoder() {
    for edge_hz in [16_000.0, 19_000.0] {
        // Windowed sinc over 1.5 ms either side: a transition of about 1 kHz, 70 dB down.
        let half = 128i32;
        let taps: Vec<f64> = (-half..=half)
            .map(|k| {
                let t = f64::from(k);
                let sinc = if k == 0 {
                    1.0
                } else {
                    (2.0 * PI * edge_hz / f64::from(RATE) * t).sin() / (PI * t) * f64::from(RATE) / (2.0 * edge_hz)
                };
                let u = PI * t / f64::from(half);
                2.0 * edge_hz / f64::from(RATE) * sinc * (0.42 + 0.5 * u.cos() + 0.08 * (2.0 * u).cos())
            })
            .collect();
        let filter = |c: &Vec<f32>| {
            c.windows(taps.len()).map(|w| w.iter().zip(&taps).map(|(x, h)| f64::from(*x) * h).sum::<f64>() as f32).collect()
        };
        let channels: Vec<Vec<f32>> = clean(1).iter().map(filter).collect();
        let found = defects(&channels);
        assert!(
            matches!(found[..], [Defect::LossyLowpass { freq_hz }] if (freq_hz - edge_hz).abs() < 400.0),
            "{edge_hz}: {found:?}"
        );
    }
}

#[test]
fn a_limiter_was_here() {
    let mut channels = clean(1);
    channels.iter_mut().flatten().for_each(|x| *x = (*x * 30.0).tanh() * 0.7);
    let found = defects(&channels);
    assert!(matches!(found[..], [Defect::AlreadyLimited { psr_lu }] if psr_lu < 8.0), "{found:?}");
}

#[test]
fn a_channel_with_its_polarity_turned() {
    let mut channels = clean(1);
    channels[1].iter_mut().for_each(|x| *x = -*x);
    let found = defects(&channels);
    let [Defect::MonoLoss { loss_db }, Defect::OutOfPhase { correlation }] = found[..] else { panic!("{found:?}") };
    assert!(loss_db > 3.0 && correlation < -0.5, "{loss_db} {correlation}");
}
