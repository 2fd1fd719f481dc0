//! What is read: every codec, cuts, damage, what is no sound, tags.

use super::*;

/// The signal of `tests/data/codecs/make.sh`.
fn sweep(rate_hz: u32, frames: usize) -> Vec<Vec<f32>> {
    let time = |frame: usize| frame as f64 / f64::from(rate_hz);
    let left = |t: f64| 0.5 * (TAU * (200.0 * t + 3_000.0 * t * t)).sin();
    let right = |t: f64| 0.4 * (TAU * (300.0 * t + 2_000.0 * t * t)).cos();
    vec![
        (0..frames).map(|frame| left(time(frame)) as f32).collect(),
        (0..frames).map(|frame| right(time(frame)) as f32).collect(),
    ]
}

/// Power of the difference over the power of the signal, of the worse channel.
fn error_db(read: &[Vec<f32>], expected: &[Vec<f32>]) -> f64 {
    let power = |values: &mut dyn Iterator<Item = f32>| values.map(|value| f64::from(value).powi(2)).sum::<f64>();
    let channel = |read: &[f32], expected: &[f32]| {
        let error = power(&mut read.iter().zip(expected).map(|(a, b)| a - b));
        10.0 * (error / power(&mut expected.iter().copied())).log10()
    };
    read.iter().zip(expected).map(|(read, expected)| channel(read, expected)).fold(f64::MIN, f64::max)
}

/// (file, name of the format, rate, channels, frames, greatest error in dB).
const CODECS: [(&str, &str, u32, usize, usize, f64); 17] = [
    ("gapless.mp3", "MP3", 44_100, 2, 11_025, -25.0),
    ("priming.m4a", "MP4 AAC", 44_100, 2, 11_025, -11.0),
    ("stereo.ogg", "Ogg Vorbis", 44_100, 2, 11_025, -20.0),
    ("pages.ogg", "Ogg Vorbis", 44_100, 2, 11_025, -20.0),
    ("stereo.opus", "Ogg Opus", 48_000, 2, 12_000, -20.0),
    ("mono.opus", "Ogg Opus", 48_000, 1, 12_000, -20.0),
    ("lossless-16.m4a", "MP4 ALAC 16-bit", 44_100, 2, 11_025, -80.0),
    ("lossless-24.m4a", "MP4 ALAC 24-bit", 48_000, 2, 3_840, -120.0),
    ("lossless.caf", "CAF ALAC 16-bit", 44_100, 2, 11_025, -80.0),
    ("flac.oga", "Ogg FLAC 16-bit", 44_100, 2, 11_025, -80.0),
    ("flac.mka", "Matroska FLAC 16-bit", 44_100, 2, 11_025, -80.0),
    ("plain.aiff", "AIFF 16-bit", 44_100, 2, 3_528, -80.0),
    ("plain-24.aiff", "AIFF 24-bit", 44_100, 2, 3_528, -120.0),
    ("plain-f32.aif", "AIFF 32-bit float", 44_100, 2, 3_528, -140.0),
    ("plain.caf", "CAF 16-bit", 44_100, 2, 3_528, -80.0),
    ("plain-24.w64", "Wave64 24-bit", 44_100, 2, 3_528, -120.0),
    ("mulaw.wav", "WAV mu-law", 44_100, 2, 3_528, -30.0),
];

#[test]
fn every_codec_comes_back_in_time_and_in_full() {
    let mut wrong = Vec::new();
    for (name, format, rate_hz, channels, frames, limit_db) in CODECS {
        let (decoder, read) = decode(&codec_file(name)).unwrap_or_else(|error| panic!("{error}"));
        let info = decoder.info();
        let expected = sweep(rate_hz, frames);
        let shifted = |by: usize| expected[..channels].iter().map(|channel| channel[by..].to_vec()).collect::<Vec<_>>();
        let late: Vec<Vec<f32>> = read.iter().map(|channel| channel[1.min(channel.len())..].to_vec()).collect();
        assert!(error_db(&read, &expected) < error_db(&read, &shifted(1)), "{name} is early");
        assert!(error_db(&read, &expected) < error_db(&late, &expected), "{name} is late");
        let error_db = error_db(&read, &expected);
        let facts = (info.format.as_str(), info.sample_rate_hz, info.channels, read[0].len());
        if facts != (format, rate_hz, channels, frames)
            || error_db > limit_db
            || info.frames.is_some_and(|told| told != frames as u64)
        {
            wrong.push(format!("{name}: {facts:?}, told {:?}, error {error_db:.1} dB", info.frames));
        }
        if !decoder.warnings().is_empty() {
            wrong.push(format!("{name}: {:?}", decoder.warnings()));
        }
        for block in [100, 1 << 20] {
            assert!(decode_in(&codec_file(name), block).expect("decoded").1 == read, "{name} in blocks of {block}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn streams_that_tell_no_length_are_read_to_their_end() {
    for (name, least_frames) in [("no-xing.mp3", 11_025), ("mp3.wav", 11_025), ("stream.aac", 11_025), ("vorbis.mka", 11_025)] {
        let (decoder, read) = decode(&codec_file(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(decoder.info().frames, None, "{name}");
        assert!((least_frames..least_frames + 4_000).contains(&read[0].len()), "{name}: {} frames", read[0].len());
    }
}

#[test]
fn a_truncated_file_is_an_error_and_tolerance_keeps_its_head() {
    let folder = folder();
    for (container, sample_format) in WRITTEN {
        let path = folder.path().join(format!("whole-{container:?}-{sample_format:?}"));
        write(&path, format(container, sample_format, 44_100, 2), &grid_noise(16, 2, 44_100), 4_096).expect("written");
        expect_truncation(&folder, &path, 20_000);
    }
    // So short an Ogg file has one page of sound, and a part of a page is nothing; CAF is read from both ends.
    for (name, share) in [
        ("stereo.ogg", 2),
        ("stereo.ogg", 6),
        ("stereo.ogg", 9),
        ("stereo.opus", 1),
        ("stereo.opus", 6),
        ("flac.oga", 6),
        ("plain.caf", 6),
    ] {
        let whole = std::fs::read(codec_file(name)).expect("read");
        let cut = folder.path().join("cut.ogg");
        std::fs::write(&cut, &whole[..whole.len() * share / 10]).expect("written");
        let cut = decode(&cut).map(|_| ()).expect_err("is cut");
        assert!(matches!(cut, AudioError::Truncated { .. }), "{name} at {share}/10: {cut}");
    }
    for name in ["gapless.mp3", "priming.m4a", "plain.aiff"] {
        expect_truncation(&folder, &codec_file(name), 500);
    }
}

/// Pages count frames. A count that is behind in the middle takes no music away, and a last one that is a little too high, as some encoders
/// leave it, makes no whole file a truncated one.
#[test]
fn pages_of_an_ogg_file_that_count_wrong_take_nothing_away() {
    let folder = folder();
    let path = folder.path().join("counted.ogg");
    let (_, whole) = decode(&codec_file("pages.ogg")).expect("is whole");
    let counted = |page: usize, by: i64| {
        edit_page(&path, page, |page| {
            let count = i64::from_le_bytes(page[6..14].try_into().expect("8 bytes")) + by;
            page[6..14].copy_from_slice(&count.to_le_bytes());
        });
        decode(&path)
    };
    // Not the page before the last: from its count the last one trims.
    for page in [2, 3] {
        let (decoder, read) = counted(page, -81).expect("is whole");
        assert!(read == whole && decoder.warnings().is_empty(), "page {page}: {} of {} frames", read[0].len(), whole[0].len());
    }
    let (_, shorter) = counted(5, -81).expect("is whole");
    assert!(shorter[0].len() == whole[0].len() - 81 && shorter[0] == whole[0][..shorter[0].len()], "the last page trims");
    let longest = whole[0].len() as i64;
    let (decoder, read) = counted(5, 3000).expect("is whole");
    let more = 11_025 + 3000 - read[0].len() as u64;
    assert!(read[0].len() as i64 >= longest && read[0][..11_025] == whole[0], "{} frames", read[0].len());
    assert_eq!(decoder.warnings(), [AudioWarning::CountedMore { frames: more }]);
    let cut = counted(5, 20_000).map(|_| ()).expect_err("much is missing");
    assert!(matches!(cut, AudioError::Truncated { .. }), "{cut}");
}

/// Old encoders and streams leave the last page unmarked: it is told, and all is read.
#[test]
fn an_ogg_file_without_an_end_mark_is_read_with_a_warning() {
    let folder = folder();
    let path = folder.path().join("unmarked.ogg");
    edit_page(&path, 5, |page| page[5] &= !4);
    let (decoder, read) = decode(&path).expect("is whole");
    let (_, marked) = decode(&codec_file("pages.ogg")).expect("is whole");
    assert_eq!(decoder.warnings(), [AudioWarning::NoEndMark]);
    assert!(read[0].len() >= marked[0].len() && read[0][..marked[0].len()] == marked[0], "{} frames", read[0].len());
    let bytes = std::fs::read(&path).expect("read");
    std::fs::write(&path, &bytes[..bytes.len() - 1]).expect("written");
    let cut = decode(&path).map(|_| ()).expect_err("a byte is missing");
    assert!(matches!(cut, AudioError::Truncated { .. }), "{cut}");
}

/// Writes `pages.ogg` with a page changed (RFC 3533) and its checksum mended.
fn edit_page(path: &Path, page: usize, edit: impl FnOnce(&mut [u8])) {
    let mut pages = pages(&std::fs::read(codec_file("pages.ogg")).expect("read"));
    edit(&mut pages[page]);
    seal(&mut pages[page]);
    std::fs::write(path, pages.concat()).expect("written");
}

/// Random damage anywhere: an error or other samples, but no panic, no endless stream, nothing that is not finite.
#[test]
fn damaged_files_end_cleanly() {
    let folder = folder();
    let path = folder.path().join("damaged");
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(codec_file("")).expect("listed").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| !matches!(file.extension().and_then(|extension| extension.to_str()), Some("md" | "sh")));
    files.sort();
    assert!(files.len() > 15);
    for file in files {
        let whole = std::fs::read(&file).expect("read");
        for round in 0..40 {
            let mut bytes = whole.clone();
            // Half of the rounds aim at the header.
            let reach = if round % 2 == 0 { bytes.len() } else { 400.min(bytes.len()) };
            for _ in 0..=random(8) {
                bytes[random(reach)] = random(256) as u8;
            }
            std::fs::write(&path, bytes).expect("written");
            for open in [Decoder::open, Decoder::open_tolerant] {
                let Ok(mut decoder) = open(&path) else { continue };
                let (mut block, mut total) = (AudioBuffer::default(), 0);
                while let Ok(frames @ 1..) = decoder.read(&mut block, 4_096) {
                    total += frames;
                    assert!(block.channels.iter().flatten().all(|sample| sample.is_finite()));
                    assert!(total < 2_000_000, "{file:?} in round {round} does not end");
                }
            }
            let _ = Metadata::read(&path);
        }
    }
}

/// Cuts a file at 60 % and expects at least `least_frames` of it in tolerant mode.
fn expect_truncation(folder: &TempDir, path: &Path, least_frames: u64) {
    let mut bytes = std::fs::read(path).expect("read");
    // A movie header may lie behind the samples; then nothing is left to decode.
    let headless = bytes.windows(4).position(|window| window == b"moov") > Some(bytes.len() * 6 / 10);
    bytes.truncate(bytes.len() * 6 / 10);
    let cut = folder.path().join("cut");
    std::fs::write(&cut, bytes).expect("written");
    let error =
        decode(&cut).map(|(decoder, read)| format!("{decoder:?} {}", read[0].len())).expect_err(&format!("{path:?} is cut"));
    if headless {
        return;
    }
    assert!(matches!(error, AudioError::Truncated { .. }), "{path:?}: {error}");
    let mut decoder = Decoder::open_tolerant(&cut).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let (mut block, mut frames) = (AudioBuffer::default(), 0);
    loop {
        match decoder.read(&mut block, 1_000).expect("the head decodes") {
            0 => break,
            read => frames += read as u64,
        }
    }
    assert!(frames >= least_frames, "{path:?}: {frames} frames");
    assert!(decoder.warnings().iter().any(|warning| warning.code() == "truncated"), "{path:?}: {:?}", decoder.warnings());
}

#[test]
fn what_is_not_audio_is_told_apart_from_what_is_missing() {
    let folder = folder();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let open = |path: &Path| Decoder::open(path).expect_err("is refused");
    let noise: Vec<u8> = (0..5_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases = [
        (open(&folder.path().join("missing.wav")), "no such file"),
        (open(&file("zero.wav", b"")), "zero bytes"),
        (open(&file("text.wav", b"This is a shopping list.\nMilk, eggs.\n")), "a text file"),
        (open(&file("zeros.wav", &[0; 10_000])), "nothing but zeros"),
        (open(&file("picture.wav", b"\x89PNG\r\n\x1a\n0000000000000000000000000000000")), "PNG"),
        (open(&file("noise.wav", &noise)), "not audio"),
        (open(&file("song.wv", b"wvpk00000000000000000000000000000000000")), "WavPack is not supported"),
    ];
    for (error, says) in cases {
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains(&*folder.path().to_string_lossy()), "{error}");
    }
    assert!(matches!(open(&folder.path().join("missing.wav")), AudioError::NotFound { .. }));
    assert!(matches!(open(folder.path()), AudioError::Io { .. }));
}

#[test]
fn a_sample_that_is_no_number_is_found_where_it_is() {
    let folder = folder();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let path = folder.path().join("bad.wav");
        let mut audio = vec![vec![0.1; 10_000]; 2];
        audio[1][4_410] = bad;
        let mut encoder =
            Encoder::create(&path, format(Container::Wav, SampleFormat::Float32, 44_100, 2), true).expect("created");
        encoder.push(&audio).expect("pushed");
        encoder.finish().expect("finished").keep().expect("kept");
        match decode_in(&path, 1_000).expect_err("is found") {
            AudioError::NotFinite { at_s, channel, .. } => assert!((at_s - 0.1).abs() < 1e-9 && channel == 2, "{at_s} {channel}"),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_streamed_wav_of_open_length_is_read_to_its_end_with_a_warning() {
    let folder = folder();
    let path = folder.path().join("streamed.wav");
    let audio = grid_noise(16, 2, 5_000);
    write(&path, format(Container::Wav, SampleFormat::Int16, 44_100, 2), &audio, 5_000).expect("written");
    let whole = std::fs::read(&path).expect("read");
    let size_at = whole.windows(4).position(|window| window == b"data").expect("a data chunk") + 4;
    for open in [0_u32, u32::MAX, 0x7FFF_FFFF] {
        let mut bytes = whole.clone();
        bytes[size_at..size_at + 4].copy_from_slice(&open.to_le_bytes());
        std::fs::write(&path, bytes).expect("written");
        let (decoder, read) = decode(&path).expect("decoded");
        assert!(read == audio);
        assert_eq!(decoder.warnings().iter().map(|warning| warning.code()).collect::<Vec<_>>(), ["length_unknown"]);
    }
}

#[test]
fn tags_and_cover_go_along_and_the_audio_stays() {
    use lofty::config::WriteOptions;
    use lofty::picture::{MimeType, Picture, PictureType};
    use lofty::tag::{Accessor, ItemKey, Tag, TagExt, TagType};
    let folder = folder();
    let mix = folder.path().join("mix.flac");
    write(&mix, format(Container::Flac, SampleFormat::Int16, 44_100, 2), &grid_noise(16, 2, 1_000), 1_000).expect("written");
    let mut tag = Tag::new(TagType::VorbisComments);
    tag.set_title("Title ✓".to_owned());
    tag.set_artist("Artist".to_owned());
    tag.set_album("Album".to_owned());
    tag.insert_text(ItemKey::ReplayGainTrackGain, "-9.00 dB".to_owned());
    let cover = Picture::unchecked(vec![0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3])
        .pic_type(PictureType::CoverFront)
        .mime_type(MimeType::Jpeg)
        .build();
    tag.push_picture(cover);
    tag.save_to_path(&mix, WriteOptions::default()).expect("tagged");
    let metadata = Metadata::read(&mix).expect("tags");
    assert_eq!(metadata.title_artist_album(), [Some("Title ✓"), Some("Artist"), Some("Album")]);

    for (container, sample_format) in WRITTEN {
        let path = folder.path().join(format!("master-{sample_format:?}.{container:?}"));
        let audio = grid_noise(sample_format.bits(), 2, 3_001);
        let mut encoder = Encoder::create(&path, format(container, sample_format, 48_000, 2), false).expect("created");
        encoder.push(&audio).expect("pushed");
        let mut written = encoder.finish().expect("finished");
        written.write_metadata(&metadata).expect("tagged");
        written.keep().expect("kept");
        assert!(decode(&path).expect("decoded").1 == audio, "{path:?}");
        let read = Metadata::read(&path).expect("tags");
        assert_eq!(read.title_artist_album(), metadata.title_artist_album(), "{path:?}");
        assert_eq!(read.pictures(), 1, "{path:?}");
        let bytes = std::fs::read(&path).expect("read");
        assert!(!bytes.windows(8).any(|window| window == b"-9.00 dB"), "the mix's replay gain is not the master's");
    }
    assert!(Metadata::read(&codec_file("plain.caf")).is_none());
}
