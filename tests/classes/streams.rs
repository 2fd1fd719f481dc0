//! What holds for every codec: cuts, one format inside another, foreign tags, changes on the way, damage, pipes.

use super::*;

/// The small files of every codec.
fn codecs() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(codec("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !matches!(file.extension().and_then(|e| e.to_str()), Some("md" | "sh")));
    files.sort();
    assert!(files.len() > 17);
    files
}

#[test]
fn a_cut_at_any_place_is_an_error_or_a_warning_and_never_more_music() {
    let desk = Desk::new();
    for file in codecs() {
        let whole = std::fs::read(&file).unwrap();
        let all = desk.read(&whole).unwrap_or_else(|error| panic!("{error}")).samples.len();
        // Closely in the header, coarsely behind it.
        let places = (0..200.min(whole.len())).step_by(7).chain((200..whole.len()).step_by(whole.len() / 24 + 1));
        for place in places {
            for read in [desk.read(&whole[..place]), desk.read_tolerant(&whole[..place])].into_iter().flatten() {
                assert!(read.samples.len() <= all, "{file:?} cut at {place} has more than before");
            }
        }
    }
    // Where the header tells the length, nothing that is missing goes unseen.
    let words = words_16(400, 2);
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    let aiff = aiff(b"AIFF", &[common(2, 400, 16, RATE_HZ), sound(&big(&words))]);
    let wide = wave64(&[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    for whole in [wav, aiff, wide] {
        for place in 0..whole.len() {
            assert!(desk.read(&whole[..place]).is_err(), "a cut at {place} of {} is not seen", whole.len());
        }
    }
}

#[test]
fn one_format_inside_another_is_read_by_what_it_is() {
    let desk = Desk::new();
    let words = words_16(300, 2);
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    // The name of a file says nothing.
    for name in ["song.mp3", "song.flac", "song", "song.txt"] {
        let path = desk.file(name, &wav);
        same(Decoder::open(&path).and_then(samples), &words);
    }
    // MP3 frames in a WAV file, whole and cut.
    let mp3 = std::fs::read(codec("no-xing.mp3")).unwrap();
    let fmt = chunk(b"fmt ", [format_bytes(0x55, 2, RATE_HZ, 1, 0), vec![12, 0, 1, 0, 2, 0, 0, 0, 0, 4, 1, 0, 0, 0]].concat());
    let inside = riff(b"RIFF", &[fmt.clone(), chunk(b"data", mp3.clone()), list(7)]);
    assert_eq!(desk.read(&inside).unwrap().samples, desk.read(&mp3).unwrap().samples);
    match desk.read(&inside[..inside.len() / 2]) {
        Err(AudioError::Truncated { at_s, .. }) => assert!((0.05..0.25).contains(&at_s), "{at_s} s of 0.29 s"),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.read_tolerant(&inside[..inside.len() / 2]).unwrap().warnings, ["truncated"]);
    // A WAV file in WAV, a text in WAV with MP3's number.
    assert!(desk.read(&riff(b"RIFF", &[fmt, chunk(b"data", b"no frames at all".repeat(50))])).is_err());
}

/// An ID3v2 tag that claims a length, which is written in seven bits a byte.
fn id3(claims: usize, bytes: usize) -> Vec<u8> {
    let length: Vec<u8> = (0..4).rev().map(|place| (claims >> (7 * place) & 0x7F) as u8).collect();
    [b"ID3\x03\x00\x00".as_slice(), &length, &vec![0; bytes]].concat()
}

/// A WAV file of IMA ADPCM in one channel: blocks of 36 bytes, which are 65 frames each.
fn adpcm() -> Vec<u8> {
    let fmt = [format_bytes(0x11, 1, RATE_HZ, 36, 4), vec![2, 0, 65, 0]].concat();
    let block = |number: u8| [vec![number, 0, 20, 0], (0..32).map(|byte: u8| (7 * byte) ^ number).collect()].concat();
    riff(b"RIFF", &[chunk(b"fmt ", fmt), chunk(b"data", (0..40).flat_map(block).collect())])
}

#[test]
fn foreign_tags_before_and_behind_do_not_matter() {
    let desk = Desk::new();
    let trailers = [
        [b"TAG".as_slice(), &[b' '; 125]].concat(),
        [b"APETAGEX".as_slice(), &2000_u32.to_le_bytes(), &[0; 20]].concat(),
        b"LYRICSBEGININD0000200000021LYRICS200".to_vec(),
    ];
    for name in ["gapless.mp3", "no-xing.mp3", "stream.aac"] {
        let whole = std::fs::read(codec(name)).unwrap();
        let plain = desk.read(&whole).unwrap().samples;
        for front in [id3(0, 0), id3(100, 100), id3(5_000, 5_000)] {
            let read = desk.read(&[front, whole.clone()].concat()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(read.samples == plain, "{name}: {} values, {} without a tag", read.samples.len(), plain.len());
        }
    }
    let words = words_16(5_000, 2);
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words))]);
    let flac = std::fs::read(codec("../cornercases/claxon/wasted_bits.flac")).unwrap();
    let plain = desk.read(&flac).unwrap().samples;
    for trailer in &trailers {
        same(desk.read(&[wav.clone(), trailer.clone()].concat()), &words);
        assert_eq!(desk.read(&[flac.clone(), trailer.clone()].concat()).unwrap().samples, plain);
    }
    for front in [id3(0, 0), id3(100, 100), id3(70_000, 70_000)] {
        same(desk.read(&[front.clone(), wav.clone()].concat()), &words);
        assert_eq!(desk.read(&[front, flac.clone()].concat()).unwrap().samples, plain);
    }
    let adpcm = adpcm();
    let plain = desk.read(&adpcm).unwrap().samples;
    assert!(plain.len() > 2_000, "{} samples", plain.len());
    for front in [id3(100, 100), id3(70_000, 70_000)] {
        let read = desk.read(&[front, adpcm.clone()].concat()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read.samples, plain);
    }
    // A tag that claims the rest of the file and more.
    for whole in [&wav, &flac] {
        assert!(desk.read(&[id3(0x0FFF_FFFF, 30), whole.clone()].concat()).is_err());
    }
}

#[test]
fn a_stream_that_changes_on_the_way_is_refused_and_one_that_goes_on_is_read() {
    let desk = Desk::new();
    let read = |name: &str| std::fs::read(codec(name)).unwrap();
    let stereo = read("stereo.ogg");
    let twice = desk.read(&[stereo.clone(), stereo.clone()].concat());
    assert_eq!(twice.unwrap().samples.len(), 2 * desk.read(&stereo).unwrap().samples.len());
    // Opus at 48 kHz behind Vorbis at 44.1 kHz, one channel behind two, FLAC behind Vorbis.
    // Another codec of the same rate and channels goes on as well.
    let both = desk.read(&[stereo, read("flac.oga")].concat()).unwrap();
    assert_eq!(both.samples.len(), 2 * (11_025 + 11_025));
    for (first, then) in [("stereo.ogg", "stereo.opus"), ("stereo.opus", "mono.opus"), ("stereo.opus", "stereo.ogg")] {
        let refused = desk.read(&[read(first), read(then)].concat()).map(|all| all.samples.len());
        let refused = refused.expect_err(&format!("{then} behind {first} is not lost in silence"));
        assert!(matches!(refused, AudioError::Corrupt { .. } | AudioError::Unsupported { .. }), "{refused}");
    }
    // A FLAC file whose later frames say another rate.
    let flac = read("../cornercases/claxon/wasted_bits.flac");
    let other = read("../cornercases/claxon/short.flac");
    assert!(desk.read(&[flac[..flac.len() - 300].to_vec(), other].concat()).is_err());
}

#[test]
fn a_checksum_that_does_not_fit_is_a_warning_and_a_damaged_frame_an_error() {
    let desk = Desk::new();
    let whole = std::fs::read(codec("../cornercases/claxon/non_subset.flac")).unwrap();
    let plain = desk.read(&whole).unwrap();
    assert!(plain.warnings.is_empty());
    // The MD5 is the last 16 of 34 bytes behind two marks of 4 bytes.
    let mut wrong = whole.clone();
    wrong[4 + 4 + 18] ^= 1;
    let read = desk.read(&wrong).unwrap();
    assert_eq!((read.samples == plain.samples, read.warnings), (true, vec!["checksum_wrong"]));
    let mut none = whole.clone();
    none[4 + 4 + 18..4 + 4 + 34].fill(0);
    assert!(desk.read(&none).unwrap().warnings.is_empty(), "all zeros means: not known");
    let mut damaged = whole.clone();
    let middle = damaged.len() - 200;
    damaged[middle] ^= 0x10;
    assert!(matches!(desk.read(&damaged), Err(AudioError::Corrupt { .. })));
}

#[cfg(unix)]
#[test]
fn a_pipe_and_a_device_are_refused_without_waiting() {
    let desk = Desk::new();
    let pipe = desk.0.path().join("pipe.wav");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
        assert!(matches!(Decoder::open(path), Err(AudioError::NotAFile { .. })), "{path:?}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    let desk = Desk::new();
    let wav = riff(b"RIFF", &[format(1, 2, RATE_HZ, 16), chunk(b"data", little(&words_16(50_000, 2)))]);
    let mut block = AudioBuffer::default();
    let mut finish = |path: &Path, change: &dyn Fn()| {
        let mut decoder = Decoder::open(path).unwrap();
        decoder.read(&mut block, 4_096).unwrap();
        change();
        loop {
            match decoder.read(&mut block, 4_096) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    };
    let path = desk.file("changing.wav", &wav);
    let shorter = || std::fs::File::options().write(true).open(&path).unwrap().set_len(9_000).unwrap();
    assert!(matches!(finish(&path, &shorter), Err(AudioError::Changed { .. })));
    let path = desk.file("changing.wav", &wav);
    let longer = || std::fs::write(&path, [wav.clone(), vec![0; 500]].concat()).unwrap();
    assert!(matches!(finish(&path, &longer), Err(AudioError::Changed { .. })));
    let path = desk.file("changing.wav", &wav);
    let gone = || std::fs::remove_file(&path).unwrap();
    assert!(finish(&path, &gone).is_ok(), "a file that is removed is read to its end");
    let path = desk.file("changing.wav", &wav);
    let replaced = || std::fs::rename(desk.file("new.wav", &wav[..100]), &path).unwrap();
    assert!(finish(&path, &replaced).is_ok(), "a file that is replaced is read to its end");
}
