use super::*;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use crate::unmaster::Recipe;

/// A beat of bass, chords and noise, wider at the top.
fn record(seconds: usize) -> Sound {
    let mut state = 5u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let rate = SAMPLE_RATE_HZ as f32;
    let mut sound = Sound { channels: [Vec::new(), Vec::new()] };
    for n in 0..seconds * SAMPLE_RATE_HZ as usize {
        let t = n as f32 / rate;
        let beat = t % 0.5;
        let part = if ((t / 3.0) as usize).is_multiple_of(2) { 1.0 } else { 0.5 };
        let sine = |hz: f32| (std::f32::consts::TAU * hz * t).sin();
        let bass = sine(55.0) * (-6.0 * beat).exp() + 0.3 * sine(82.0);
        let chord = 0.2 * (sine(220.0) + sine(277.0) + sine(330.0)) * part;
        let side = 0.1 * sine(441.0) + 0.08 * sine(2640.0);
        let hiss = [noise(), noise()].map(|x| 0.25 * x * (-12.0 * (t % 0.25)).exp());
        for (channel, (sign, hiss)) in sound.channels.iter_mut().zip([(1.0, hiss[0]), (-1.0, hiss[1])]) {
            channel.push(0.3 * (part * bass + chord + sign * part * side + hiss).tanh());
        }
    }
    sound
}

#[test]
fn reasons_are_true_of_both_engines() {
    let folder = tempfile::tempdir().unwrap();
    let [mix, reference] = ["mix.wav", "record.wav"].map(|name| folder.path().join(name));
    let record = record(9);
    record.write_float(&reference).unwrap();
    Recipe::draw(3, "reasons").apply(&record).write_24_bit(&mix).unwrap();
    let engines = check_case(&mix, &reference).unwrap();
    let decisions: Vec<&Checked> = engines.iter().flat_map(|(_, decisions)| decisions).collect();
    assert!(engines.len() == 2 && decisions.len() > 20, "{}", decisions.len());
    for decision in &decisions {
        assert!(decision.sum_error < 1e-6, "{decision:?}");
        assert!(decision.counterfactuals > 0 && decision.wrong == 0, "{decision:?}");
    }
    let heard: Vec<&&Checked> = decisions.iter().filter(|d| d.agrees.is_some()).collect();
    let against: Vec<_> = heard.iter().filter(|d| d.agrees == Some(false)).collect();
    assert!(20 * against.len() <= heard.len() + 19, "{} of {}: {against:?}", against.len(), heard.len());
}
