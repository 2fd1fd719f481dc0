//! Every word of the vocabulary does to rendered music what it says, in both directions, and leaves the rest alone.
//!
//! Over the example music and, where it was fetched, music of the development corpus (`scripts/fetch-corpus.sh dev`).

use automaster::analysis::{Analysis, Analyzer, find_feature};
use automaster::chain::Stage;
use automaster::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use automaster::job::{self, Progress, Song, Wishes};
use automaster::plan::Plan;
use automaster::render::Preview;
use automaster::words::{Measure, Move, VOCABULARY, Word, revise};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Music of several kinds in the development corpus: folder and name.
const CORPUS: [(&str, &str); 5] = [
    ("pushover-data", "usr/share/pushover/themes/electro.ogg"),
    ("freedink-data", "usr/share/games/dink/dink/Sound/106.ogg"),
    ("trackballs-data", "usr/share/games/trackballs/music/tb_sorrow.ogg"),
    ("gigalomania-data", "usr/share/gigalomania/music/mainscreen.ogg"),
    ("fretsonfire-songs-sectoid", "usr/share/games/fretsonfire/data/songs/sectoid/War of freedom/song.ogg"),
];

/// A limiter that takes less than this leaves nothing to be opened.
const NOT_LIMITED_DB: f64 = -1.0;

fn pieces() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = std::env::var_os("AUTOMASTER_CORPUS").map_or_else(|| root.join(".cache/corpus"), PathBuf::from);
    let fetched = CORPUS.iter().map(|(package, path)| corpus.join(package).join(path)).filter(|p| p.exists());
    ["mix.flac", "reference.flac"].iter().map(|name| root.join("examples").join(name)).chain(fetched).collect()
}

/// A piece, its plan, and the section that is rendered.
struct Piece {
    song: Song,
    plan: Plan,
    preview: Preview,
    planned_lufs: f64,
    /// Deepest gain of the limiter in the section, as heard last.
    limited_db: f64,
}

impl Piece {
    fn new(path: &Path, reference: &Path) -> Self {
        let stop = AtomicBool::new(false);
        let progress = Progress { tell: &|_, _| {}, stop: &stop, threads: 2 };
        let song = job::load_mix(path, &progress).unwrap();
        let target = job::aim([(&job::load_reference(reference, &progress).unwrap(), 1.0)].into_iter()).unwrap();
        // Half of the difference, as a person does who then goes on in words; 100 % would meet the limits of some settings.
        let wishes = Wishes { tone: 0.5, dynamics: 0.5, width: 0.5, ..Wishes::default() };
        let plan = job::suggest(&song, &target, &wishes, &progress).unwrap();
        let rate = u64::from(song.timeline.sample_rate_hz());
        let start = (song.timeline.frames() / 3).min(song.timeline.frames().saturating_sub(12 * rate));
        let mut preview = Preview::cut(song.audio.as_ref().unwrap(), start..start + 12 * rate, 2).unwrap();
        let planned_lufs = preview.before_limiter_lufs(&plan.chain, || false).unwrap();
        Self { song, plan, preview, planned_lufs, limited_db: 0.0 }
    }

    /// What the section measures as this plan renders it; the drive moves as it does on the review page.
    fn heard(&mut self, plan: &Plan) -> Analysis {
        let louder = plan.delivery.loudness_lufs.unwrap() - self.plan.delivery.loudness_lufs.unwrap();
        let (drive, planned) = (self.plan.chain.limiter.drive_db, self.planned_lufs);
        let heard = self.preview.render(&plan.chain, |before| drive + louder - (before - planned), || false).unwrap();
        let limiter = heard.meters.iter().filter(|(stage, _)| *stage == Stage::Limiter).flat_map(|(_, meter)| &meter.gains);
        self.limited_db = limiter.map(|gain| gain.min_db).fold(0.0, f64::min);
        let mut analyzer = Analyzer::new(heard.audio.sample_rate_hz, heard.audio.channels.len());
        analyzer.push(&heard.audio.channels);
        analyzer.finish().analysis()
    }
}

fn level_db(analysis: &Analysis, from_hz: f64, to_hz: f64) -> f64 {
    let mean = |from: f64, to: f64| {
        let inside: Vec<usize> = (0..THIRD_OCTAVES).filter(|i| (from..=to).contains(&f64::from(THIRD_OCTAVE_HZ[*i]))).collect();
        inside.iter().map(|i| analysis.whole.spectrum.mid_dbfs[*i]).sum::<f64>() / inside.len() as f64
    };
    mean(from_hz, to_hz) - mean(30.0, 16_000.0)
}

fn measured(analysis: &Analysis, measure: Measure) -> f64 {
    match measure {
        Measure::Level { from_hz, to_hz } => level_db(analysis, from_hz, to_hz),
        Measure::Feature(id) => find_feature(id).unwrap().value(analysis),
    }
}

/// What a word has no business with, and how far it moved: (what, change, at most).
fn others(word: &Word, before: &Analysis, after: &Analysis) -> Vec<(&'static str, f64, f64)> {
    let changes = |by: fn(&Move) -> bool| word.moves.iter().any(by);
    let tone = changes(|m| matches!(m, Move::Tone { .. }));
    let loudness = changes(|m| matches!(m, Move::Loudness { .. }));
    let width = changes(|m| matches!(m, Move::Add { param, .. } if param.starts_with("stereo.")));
    let mut all = Vec::new();
    if !loudness {
        all.push(("loudness", after.loudness.integrated_lufs - before.loudness.integrated_lufs, 0.5));
    }
    if !width {
        let mid = |a: &Analysis| a.whole.image[2].width_db;
        all.push(("width", mid(after) - mid(before), 0.7));
    }
    if !tone {
        for (name, from, to) in
            [("bass", 30.0, 120.0), ("body", 120.0, 800.0), ("presence", 800.0, 5000.0), ("air", 5000.0, 16_000.0)]
        {
            all.push((name, level_db(after, from, to) - level_db(before, from, to), 0.7));
        }
    }
    all
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that proves less than it could says so")]
fn every_word_moves_what_it_says_and_leaves_the_rest() {
    let pieces = pieces();
    let mut wrong = Vec::new();
    for (i, path) in pieces.iter().enumerate() {
        let reference = if i == 1 { &pieces[0] } else { &pieces[1] };
        let mut piece = Piece::new(path, reference);
        let plan = piece.plan.clone();
        let before = piece.heard(&plan);
        let is_limited = piece.limited_db < NOT_LIMITED_DB;
        for word in VOCABULARY {
            for (names, sign) in [(word.more, 1.0), (word.less, -1.0)] {
                let Some(name) = names.first() else { continue };
                let after = piece.heard(&revise(&plan, name).unwrap().plan);
                let moved = sign * (measured(&after, word.measure) - measured(&before, word.measure));
                let file = piece.song.path.file_name().unwrap().to_string_lossy().into_owned();
                let nothing_to_do = word.measure == Measure::Feature("loudness.psr_lu") && !is_limited;
                if moved < word.least && !nothing_to_do && !at_its_end(word, sign, &plan) {
                    wrong.push(format!("{file}: '{name}' moves {:?} by {moved:.2}, {} at least", word.measure, word.least));
                }
                for (what, change, most) in others(word, &before, &after) {
                    if change.abs() > most {
                        wrong.push(format!("{file}: '{name}' moves {what} by {change:.2}, {most} at most"));
                    }
                }
            }
        }
    }
    if pieces.len() < 5 {
        eprintln!("\n  ONLY {} PIECES: the corpus is not fetched; scripts/fetch-corpus.sh dev\n", pieces.len());
    }
    assert!(wrong.is_empty(), "{} of {} pieces:\n{}", wrong.len(), pieces.len(), wrong.join("\n"));
}

/// Whether the plan already has a setting of the word at the end of its range: less of nothing is nothing.
fn at_its_end(word: &Word, sign: f64, plan: &Plan) -> bool {
    word.moves.iter().any(|m| match m {
        Move::Add { param, by } => {
            let (domain, value) = (automaster::chain::find(param).unwrap().domain, plan.chain.get(param).unwrap());
            !domain.contains(value + 0.2 * sign * by)
        }
        _ => false,
    })
}

#[test]
fn a_revision_is_bounded_theirs_and_undone_by_its_opposite() {
    let mut piece = Piece::new(&pieces()[0], &pieces()[1]);
    let revised = revise(&piece.plan, "a bit brighter, 1 dB quieter").unwrap();
    let lufs = |plan: &Plan| plan.delivery.loudness_lufs.unwrap();
    assert!((lufs(&piece.plan) - lufs(&revised.plan) - 1.0).abs() < 1e-9);
    assert_eq!(revised.effects.len(), 2);
    let theirs = revised.plan.decisions.iter().filter(|d| d.source == automaster::plan::Source::User).count();
    assert!(theirs >= 1);
    let back = revise(&revised.plan, "a bit darker, 1 dB louder").unwrap().plan;
    for (id, value) in piece.plan.chain.changed() {
        assert!((back.chain.get(&id).unwrap() - value).abs() < 1e-9, "{id}");
    }
    assert!(revise(&piece.plan, "brighter, more magic").is_err());
    let before = piece.plan.clone();
    assert_eq!(piece.heard(&before).loudness, piece.heard(&before).loudness);
}
