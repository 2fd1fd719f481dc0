use super::*;
use crate::analysis::Analyzer;
use crate::genre::GENRE_COUNT;

/// Five seconds of pulsed noise, brighter where `bright`.
fn mix(bright: f32) -> Analysis {
    let mut state = 7u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut last = [0f32; 2];
    let mut channels = vec![Vec::new(), Vec::new()];
    for n in 0..44_100 * 5 {
        let pulse = if n % 22_050 < 6000 { 0.5 } else { 0.1 };
        let common = noise();
        for (c, channel) in channels.iter_mut().enumerate() {
            let x = common + 0.4 * noise();
            last[c] += (0.05 + 0.5 * bright) * (x - last[c]);
            channel.push(last[c] * pulse);
        }
    }
    let mut analyzer = Analyzer::new(44_100, 2);
    analyzer.push(&channels);
    analyzer.finish().analysis()
}

#[test]
fn every_genre_gives_a_finite_target_that_says_where_it_comes_from() {
    let mix = mix(0.2);
    for genre in Genre::ALL {
        let target = Target::of_genre(&mix, &GenreWeights::only(genre));
        let portrait = Portrait::of(&target.value);
        assert!(portrait.0.iter().all(|v| v.is_finite()), "{}", genre.name());
        assert!(
            (-30.0..-6.0).contains(&target.value.loudness.integrated_lufs),
            "{}: {}",
            genre.name(),
            target.value.loudness.integrated_lufs
        );
        assert_eq!((target.genres.len(), target.genres[0].name.as_str(), target.genres[0].weight), (1, genre.name(), 1.0));
        assert_eq!(target.genres[0].evidence_minutes > 0.0, target.genres[0].source == GenreSource::Learned);
        assert!(target.spread.values().all(|s| *s >= 0.0 && s.is_finite()) && target.spread.len() == 62 + 12 + 4);
        assert!(target.references.is_empty() && target.has_image);
    }
}

#[test]
fn a_blend_of_genres_lies_between_them_and_is_less_certain() {
    let mix = mix(0.2);
    let of = |pairs: &[(Genre, f64)]| {
        let mut weights = [0.0; GENRE_COUNT];
        pairs.iter().for_each(|(g, w)| weights[*g as usize] = *w);
        Target::of_genre(&mix, &GenreWeights::new(weights).unwrap())
    };
    let (a, b) = (of(&[(Genre::Metal, 1.0)]), of(&[(Genre::Ambient, 1.0)]));
    let both = of(&[(Genre::Metal, 3.0), (Genre::Ambient, 1.0)]);
    let lufs = |t: &Target| t.value.loudness.integrated_lufs;
    assert!((lufs(&both) - (0.75 * lufs(&a) + 0.25 * lufs(&b))).abs() < 1e-9);
    let spread = |t: &Target| t.spread["loudness.integrated_lufs"].powi(2);
    assert!(spread(&both) >= 0.75 * spread(&a) + 0.25 * spread(&b) - 0.05);
    assert_eq!(both.genres.iter().map(|g| g.weight).collect::<Vec<_>>(), [0.75, 0.25]);
}

#[test]
fn the_mix_moves_the_target_of_its_genre() {
    let weights = GenreWeights::only(Genre::Electronic);
    let tone = |bright| Portrait::of(&Target::of_genre(&mix(bright), &weights).value).0[25];
    assert!(tone(0.9) > tone(0.1) + 1.0, "{} {}", tone(0.9), tone(0.1));
}

#[test]
fn a_profile_survives_its_file_and_pulls_toward_its_records() {
    let records = [mix(0.1), mix(0.15)];
    let profile = SoundProfile::learn("mysound", &records).unwrap();
    assert_eq!(SoundProfile::from_toml(&profile.to_toml()).as_ref(), Ok(&profile));
    assert_eq!(SoundProfile::learn("none", &[]), None);
    let mut damaged = profile.clone();
    damaged.figures.remove("lra_lu");
    assert_eq!(SoundProfile::from_toml(&damaged.to_toml()), Err(profile::ProfileError::Figure("lra_lu".into())));
    let target = Target::of_profile(&mix(0.9), &profile);
    assert!((target.value.loudness.integrated_lufs - profile.mean().0[LOUDNESS]).abs() < 1e-9);
    assert_eq!(target.genres[0].source, GenreSource::Profile);
}

#[test]
fn a_mix_out_of_phase_keeps_its_image_and_others_are_not_made_so() {
    let plain = mix(0.2);
    let mut out_of_phase = plain.clone();
    for section in [&mut out_of_phase.whole, &mut out_of_phase.loud] {
        // Left and right cancel in the lower half of the bands.
        (0..16).for_each(|i| section.spectrum.side_dbfs[i] = section.spectrum.mid_dbfs[i] + 8.0);
    }
    for genre in Genre::ALL {
        let target = Target::of_genre(&out_of_phase, &GenreWeights::only(genre));
        let (now, goal) = (Portrait::of(&out_of_phase), Portrait::of(&target.value));
        for i in portrait::WIDTH.start..portrait::WIDTH.start + 16 {
            assert!((goal.0[i] - now.0[i]).abs() < 1e-9, "{}: {} for {}", genre.name(), goal.0[i], now.0[i]);
        }
        let plain = Portrait::of(&Target::of_genre(&plain, &GenreWeights::only(genre)).value);
        assert!(plain.0[portrait::WIDTH].iter().all(|width| *width < 1e-9), "{}", genre.name());
    }
}

#[test]
fn no_genre_levels_music_more_than_masters_are_in_the_mean() {
    let low = GenreModel::embedded().master_mean[LRA];
    assert!((3.0..6.0).contains(&low), "{low}");
    for lra_lu in [0.6, 1.2, 2.5, 6.0, 12.0] {
        let mut mix = mix(0.2);
        mix.loudness.lra_lu = lra_lu;
        for genre in Genre::ALL {
            let goal = Target::of_genre(&mix, &GenreWeights::only(genre)).value.loudness.lra_lu;
            assert!(goal >= low.min(lra_lu) - 1e-9, "{}: {goal} for {lra_lu}", genre.name());
        }
    }
}
