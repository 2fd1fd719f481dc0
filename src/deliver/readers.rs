//! What programs that know nothing of this one read of a delivery: tags, cover, CD-Text, loudness chunks, channels.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use super::tests::{PROBE, delivered, master_in, says};
use crate::audio::format::Container;
use lofty::picture::{MimeType, Picture, PictureType};
use lofty::tag::{ItemKey, Tag, TagType};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A PNG of one pixel.
const PIXEL: [u8; 67] = [
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 58, 126, 155, 85, 0, 0,
    0, 10, 73, 68, 65, 84, 120, 156, 99, 96, 0, 0, 0, 2, 0, 1, 72, 175, 164, 113, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

fn tag(title: &str, artist: &str) -> Tag {
    let mut tag = Tag::new(TagType::VorbisComments);
    tag.insert_text(ItemKey::TrackTitle, title.into());
    tag.insert_text(ItemKey::TrackArtist, artist.into());
    tag.insert_text(ItemKey::AlbumTitle, "An Album".into());
    tag.insert_text(ItemKey::Isrc, "GBAAA2600001".into());
    let cover = Picture::unchecked(PIXEL.to_vec()).pic_type(PictureType::CoverFront).mime_type(MimeType::Png).build();
    tag.push_picture(cover);
    tag
}

fn in_folder(folder: &Path, program: &str, args: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(program).args(args).current_dir(folder).output() else {
        eprintln!("SKIPPED: {program} is not on this machine");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {text}");
    Some(text)
}

#[test]
fn tags_and_cover_are_read_back_from_every_copy() {
    let folder = tempfile::tempdir().unwrap();
    let song = master_in(&folder, Container::Flac, 2, Some(&tag("Megtört Álom", "Žižka")));
    let out = folder.path().join("out");
    let made = delivered(&song, &["archive"], &out).unwrap();
    let place = &made.places[0];
    let copies: Vec<&str> = place.files.iter().filter(|f| f.audio.is_some()).map(|f| f.file.as_str()).collect();
    for file in &copies {
        let path = out.join(file);
        let Some(text) = says("ffprobe", &PROBE, &path) else { return };
        let text = text.to_lowercase();
        // Beside a bext chunk ffmpeg leaves the ID3 chunk's texts out: title, artist and album are in LIST, the ISRC is not.
        let isrc = (!file.ends_with(".wav")).then_some("gbaaa2600001");
        for said in ["megtört álom", "žižka", "an album"].into_iter().chain(isrc) {
            assert!(text.contains(said), "{file}: no {said} in {text}");
        }
        assert!(text.contains("codec_name=png"), "{file}: no cover in {text}");
        if !file.ends_with(".wav") {
            assert!(text.contains("replaygain_track_gain") || text.contains("r128_track_gain"), "{file}: {text}");
        }
        // It takes the UTF-8 of a LIST chunk for Latin-1.
        let wav = file.ends_with(".wav");
        if let Some(text) = says("mediainfo", &["--Output=General;%Title%|%Performer%|%Album%|%Cover%"], &path) {
            assert!(wav || text.contains("Megtört Álom|Žižka|An Album|Yes"), "{file}: {text}");
            assert!(text.trim_end().ends_with("|An Album|Yes"), "{file}: {text}");
        }
    }
    if let Some(text) = says("metaflac", &["--list", "--block-type=PICTURE,VORBIS_COMMENT"], &out.join("archive/song.flac")) {
        assert!(text.contains("image/png") && text.contains("TITLE=Megtört Álom"), "{text}");
    }
    if let Some(text) = says("opusinfo", &[], &out.join("archive/song.opus")) {
        assert!(text.to_uppercase().contains("TITLE=MEGTÖRT ÁLOM") && text.contains("R128_TRACK_GAIN"), "{text}");
        assert!(!text.contains("WARNING"), "{text}");
    }
    let aac = crate::audio::codec::Codec::Aac.available();
    assert_eq!(copies.iter().any(|file| file.ends_with(".m4a")), aac.is_ok(), "{copies:?}");
    assert!(aac.is_ok() || place.notes.iter().any(|note| note.contains("ffmpeg")), "{:?}", place.notes);
}

#[test]
fn a_disc_of_a_mono_master_is_stereo_and_its_text_is_read_by_cdrdao() {
    let folder = tempfile::tempdir().unwrap();
    let song = master_in(&folder, Container::Flac, 1, Some(&tag("Megtört “Álom”", "Москва")));
    let out = folder.path().join("out");
    let made = delivered(&song, &["cd"], &out).unwrap();
    let cd = out.join("cd");
    if let Some(text) = says("ffprobe", &PROBE, &cd.join("song.wav")) {
        assert!(text.contains("codec_name=pcm_s16le") && text.contains("channels=2"), "{text}");
    }
    // Both sides carry it, but for their own dither.
    let wav = std::fs::read(cd.join("song.wav")).unwrap();
    let word = |at: usize| i32::from(i16::from_le_bytes([wav[at], wav[at + 1]]));
    let frames: Vec<(i32, i32)> = (wav.len() / 2..wav.len() - 3).step_by(4).map(|at| (word(at), word(at + 2))).collect();
    let apart = frames.iter().map(|(left, right)| (left - right).abs()).max().unwrap();
    let loud = frames.iter().map(|(left, _)| left.abs()).max().unwrap();
    assert!(apart < 100 && loud > 10_000, "{apart} apart, {loud} loud");
    let notes = made.places[0].notes.join("\n");
    assert!(notes.contains("mono") && notes.contains("\"Москва\" as \"Moskva\""), "{notes}");
    if let Some(text) = in_folder(&cd, "cdrdao", &["show-toc", "song.toc"]) {
        assert!(text.contains("TWO CHANNEL AUDIO") && !text.contains("ERROR"), "{text}");
    }
    // The program that comes with cdrdao tells the texts that it understood, in the letters of ISO 8859-1.
    if let Ok(output) = Command::new("toc2cddb").arg("song.toc").current_dir(&cd).output() {
        let said: String = output.stdout.into_iter().map(char::from).collect();
        assert!(output.status.success() && said.contains("DTITLE=Moskva / An Album"), "{said}");
        assert!(said.contains("TTITLE0=Megtört 'Álom'"), "{said}");
    } else {
        eprintln!("SKIPPED: toc2cddb is not on this machine");
    }
    // The set for the plant: the pause, the image's own samples, its lengths, its sums.
    let ddp = cd.join("ddp");
    let image = std::fs::read(ddp.join("IMAGE.DAT")).unwrap();
    let sectors = image.len() / 2352;
    let frames = made.places[0].files[0].audio.as_ref().unwrap().frames as usize;
    assert_eq!(image.len(), 150 * 2352 + 4 * frames);
    assert!(image[..150 * 2352].iter().all(|byte| *byte == 0) && wav.ends_with(&image[150 * 2352..]));
    let map = String::from_utf8(std::fs::read(ddp.join("DDPMS")).unwrap()).unwrap();
    assert!(map.len() == 3 * 128 && map.contains(&format!("VVVMD0{:16}", sectors)), "{map}");
    assert_eq!(std::fs::read(ddp.join("DDPID")).unwrap().len(), 128);
    if let Some(text) = in_folder(&ddp, "md5sum", &["-c", "CHECKSUM.MD5"]) {
        assert_eq!(text.matches(": OK").count(), 5, "{text}");
    }
}

#[test]
fn a_broadcast_file_has_the_loudness_that_is_asked_for_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let song = master_in(&folder, Container::Flac, 2, Some(&tag("A Title", "An Artist")));
    let out = folder.path().join("out");
    let made = delivered(&song, &["ebu-r128", "atsc"], &out).unwrap();
    for (place, wanted, name) in [(0, -23.0, "ebu-r128"), (1, -24.0, "atsc")] {
        let path = out.join(format!("{name}/song.{name}.wav"));
        let audio = made.places[place].files[0].audio.as_ref().unwrap();
        assert!((audio.integrated_lufs - wanted).abs() <= 0.1 && audio.true_peak_dbtp < -1.0, "{audio:?}");
        let [loudness, range, peak, momentary, short] = bext_loudness(&path);
        let told = (loudness - audio.integrated_lufs).abs() < 0.01 && (peak - audio.true_peak_dbtp).abs() < 0.05;
        assert!(told, "{loudness} LUFS, {peak} dBTP: {audio:?}");
        assert!(momentary >= short && short >= loudness - 0.5 && range >= 0.0, "{loudness} {range} {momentary} {short}");
        if let Some(text) = says("ffprobe", &PROBE, &path) {
            assert!(text.contains("TAG:comment=An Artist - A Title") || text.contains("An Artist - A Title"), "{text}");
            assert!(text.contains("encoded_by=automaster") && text.contains("A=PCM,F=48000,W=24"), "{text}");
        }
    }
    // A soft master is turned up, its peaks limited to the place's ceiling.
    let soft = folder.path().join("soft.wav");
    let quiet = TempDir::new().unwrap();
    let mut args = vec!["-v", "error", "-i"];
    let path = song.path.to_string_lossy().into_owned();
    args.extend([path.as_str(), "-af", "volume=-32dB,aeval=val(0)+0.6*eq(n\\,96000)|val(1)", "-c:a", "pcm_s24le"]);
    let Ok(status) = Command::new("ffmpeg").args(&args).arg(&soft).status() else {
        eprintln!("SKIPPED: ffmpeg is not on this machine, no soft master");
        return;
    };
    assert!(status.success());
    let song = super::tests::with_progress(|progress| crate::job::load_mix(&soft, progress)).unwrap();
    let made = delivered(&song, &["ebu-r128"], &quiet.path().join("out")).unwrap();
    let audio = made.places[0].files[0].audio.as_ref().unwrap();
    assert!((audio.integrated_lufs + 23.0).abs() <= 0.1 && audio.true_peak_dbtp <= -1.0 + 0.05, "{audio:?}");
    let notes = made.places[0].notes.join("\n");
    assert!(notes.contains("turned up by") && notes.contains("limited to -1 dBTP"), "{notes}");
}

/// Loudness, range, peak, momentary and short-term loudness of a `bext` chunk, read by the layout of EBU Tech 3285.
fn bext_loudness(path: &Path) -> [f64; 5] {
    let bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(4).position(|w| w == b"bext").unwrap() + 8;
    assert_eq!(u16::from_le_bytes([bytes[at + 346], bytes[at + 347]]), 2, "version");
    [0, 1, 2, 3, 4].map(|n: usize| f64::from(i16::from_le_bytes([bytes[at + 412 + 2 * n], bytes[at + 413 + 2 * n]])) / 100.0)
}

#[test]
fn what_a_codec_loses_grows_with_what_it_saves() {
    if !cfg!(feature = "codecs") {
        eprintln!("SKIPPED: this build has no MP3");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let song = master_in(&folder, Container::Wav, 2, None);
    let out = folder.path().join("out");
    let made = delivered(&song, &["deezer"], &out).unwrap();
    let [fine, coarse] = made.places[0].codecs.as_slice() else { panic!("{:?}", made.places[0].codecs) };
    assert!(fine.coding.bitrate_kbps == 320 && coarse.coding.bitrate_kbps == 128);
    assert!(fine.noise_to_mask_db + 3.0 < coarse.noise_to_mask_db, "{fine:?} {coarse:?}");
    assert!(fine.heard_percent <= coarse.heard_percent && fine.noise_to_mask_db < 0.0, "{fine:?} {coarse:?}");
    assert!(coarse.bandwidth_hz < 18_000.0 && fine.bandwidth_hz > coarse.bandwidth_hz, "{fine:?} {coarse:?}");
    assert!(fine.original_bandwidth_hz > 20_000.0, "{fine:?}");
    let page = std::fs::read_to_string(out.join("DELIVERY.md")).unwrap();
    assert!(page.contains("noise to mask") && page.contains("BS.1387"), "{page}");
}
