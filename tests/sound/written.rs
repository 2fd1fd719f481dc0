//! What is written comes back.

use super::*;

#[test]
fn every_written_format_comes_back_exactly() {
    let folder = folder();
    for (container, sample_format) in WRITTEN {
        for rate_hz in [8_000, 44_100, 48_000, 88_200, 96_000, 192_000, 384_000] {
            for channels in [1, 2] {
                let audio = grid_noise(sample_format.bits(), channels, 9_001);
                let path = folder.path().join(format!("{container:?}-{sample_format:?}-{rate_hz}-{channels}"));
                write(&path, format(container, sample_format, rate_hz, channels), &audio, 1_000).expect("written");
                let (decoder, read) = decode(&path).expect("decoded");
                let info = decoder.info();
                assert_eq!(
                    (info.sample_rate_hz, info.channels, info.frames, info.lossy),
                    (rate_hz, channels, Some(9_001), false)
                );
                assert_eq!(info.bits, (sample_format != SampleFormat::Float32).then_some(sample_format.bits()), "{path:?}");
                assert!(decoder.warnings().is_empty());
                assert!(read == audio, "{path:?} comes back changed");
            }
        }
    }
}

#[test]
fn block_size_changes_neither_the_file_nor_what_is_read() {
    let folder = folder();
    for (container, sample_format) in WRITTEN {
        let dithered = EncodeFormat { dither: Dither::Shaped, ..format(container, sample_format, 48_000, 2) };
        let audio: Vec<Vec<f32>> =
            grid_noise(24, 2, 10_007).iter().map(|channel| channel.iter().map(|sample| sample * 0.3).collect()).collect();
        let paths = [1, 512, 10_007].map(|block| {
            let path = folder.path().join(format!("{container:?}-{sample_format:?}-{block}"));
            write(&path, dithered, &audio, block).expect("written");
            path
        });
        let [bytes, others @ ..] = paths.clone().map(|path| std::fs::read(path).expect("read"));
        assert!(others.iter().all(|other| *other == bytes), "{container:?} {sample_format:?}");
        let [read, others @ ..] = [1, 4_096, 50_000].map(|block| decode_in(&paths[0], block).expect("decoded").1);
        assert!(others.iter().all(|other| *other == read));
    }
}

#[test]
fn hound_reads_what_is_written() {
    let folder = folder();
    let path = folder.path().join("other-reader.wav");
    let audio = grid_noise(16, 2, 101);
    write(&path, format(Container::Wav, SampleFormat::Int16, 44_100, 2), &audio, 50).expect("written");
    let mut reader = hound::WavReader::open(&path).expect("opened");
    assert_eq!((reader.spec().channels, reader.spec().sample_rate, reader.duration()), (2, 44_100, 101));
    let samples: Vec<i16> = reader.samples().map(|sample| sample.expect("a sample")).collect();
    assert!(samples.iter().enumerate().all(|(index, &sample)| f32::from(sample) / 32_768.0 == audio[index % 2][index / 2]));
}

#[test]
fn values_beyond_full_scale_are_clipped_and_counted_and_floats_are_kept() {
    let folder = folder();
    let audio = vec![vec![2.0, -2.0, 0.5]];
    for (container, sample_format) in WRITTEN {
        let path = folder.path().join(format!("{container:?}-{sample_format:?}"));
        let mut encoder = Encoder::create(&path, format(container, sample_format, 44_100, 1), false).expect("created");
        encoder.push(&audio).expect("pushed");
        let written = encoder.finish().expect("finished");
        let codes: Vec<_> = written.warnings().iter().map(|warning| warning.code()).collect();
        written.keep().expect("kept");
        let (_, read) = decode(&path).expect("decoded");
        if sample_format == SampleFormat::Float32 {
            assert_eq!((read, codes), (audio.clone(), vec![]));
        } else {
            assert!(read[0][0] > 0.9999 && read[0][1] == -1.0 && read[0][2] == 0.5, "{read:?}");
            assert_eq!(codes, ["clipped_samples"]);
        }
    }
}

#[test]
fn a_file_appears_under_its_name_only_when_kept() {
    let folder = folder();
    let path = folder.path().join("master.wav");
    let wav = format(Container::Wav, SampleFormat::Int24, 44_100, 1);
    let names = || std::fs::read_dir(folder.path()).expect("read").count();

    let mut dropped = Encoder::create(&path, wav, false).expect("created");
    dropped.push(&[vec![0.0; 100]]).expect("pushed");
    assert_eq!(names(), 1);
    drop(dropped);
    assert_eq!(names(), 0, "a dropped encoder leaves nothing");

    let finished = Encoder::create(&path, wav, false).expect("created").finish().expect("finished");
    assert!(finished.path().exists() && !path.exists());
    drop(finished);
    assert_eq!(names(), 0, "a dropped file leaves nothing");

    write(&path, wav, &[vec![0.25; 10]], 10).expect("written");
    assert!(matches!(Encoder::create(&path, wav, false), Err(AudioError::Exists { .. })));
    let late = folder.path().join("late.wav");
    let written = Encoder::create(&late, wav, false).expect("created").finish().expect("finished");
    std::fs::write(&late, "someone else's").expect("written");
    assert!(matches!(written.keep(), Err(AudioError::Exists { .. })), "a name taken in the meantime is respected");
    Encoder::create(&late, wav, true).expect("created").finish().expect("finished").keep().expect("overwritten");
    assert_eq!(names(), 2);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("metadata").permissions());
        assert_ne!(mode & 0o044, 0, "a master is as readable as any new file: {mode:o}");
    }
}

#[test]
fn flac_refuses_words_that_it_does_not_hold() {
    let path = folder().path().join("x.flac");
    for sample_format in [SampleFormat::Int32, SampleFormat::Float32] {
        let refused = Encoder::create(&path, format(Container::Flac, sample_format, 44_100, 2), false);
        assert!(matches!(refused, Err(AudioError::CannotWrite { .. })));
    }
}
