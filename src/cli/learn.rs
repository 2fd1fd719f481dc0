//! `automaster learn FOLDER --name NAME`: a sound profile from a folder of favourite masters.

use super::args::LearnArgs;
use super::failure::Failure;
use super::session::Session;
use super::{guard, reports};
use automaster::audio::decode::Decoder;
use automaster::job;
use automaster::order::profile;
use automaster::target::genre::profile::SoundProfile;
use std::path::{Path, PathBuf};

/// Fewer records than these say little about a taste.
const FEW: usize = 3;

/// Runs the command.
pub(super) fn run(args: &LearnArgs, session: &Session) -> Result<(), Failure> {
    let path = match &args.output {
        Some(path) => path.clone(),
        None => profile::home(&args.name)?,
    };
    if args.output.is_none() {
        let folder = guard::folder(&path);
        std::fs::create_dir_all(&folder).map_err(|error| Failure::unexpected(&folder, error))?;
    }
    let files = music_in(&args.folder, session)?;
    let read: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    guard::outputs(&[&path], &read, args.overwrite)?;
    let mut masters = Vec::new();
    for file in &files {
        masters.push(session.work(|progress| job::load_reference(file, progress))?.analysis);
    }
    let learned = SoundProfile::learn(&args.name, &masters)
        .ok_or_else(|| Failure::input(&args.folder, "no music in this folder; put masters that you like into it"))?;
    if learned.files < FEW {
        session.warn(&format!("{} of music: a profile says more when it stands on {FEW} records or more", count(learned.files)));
    }
    reports::write_text(&path, &learned.to_toml(), args.overwrite)?;
    session.show(&learned, |_| {
        let at = path.display();
        format!("{} from {}, {:.0} min of music\n\nprofile   {at}\n", learned.name, count(learned.files), learned.minutes)
    })
}

fn count(files: usize) -> String {
    format!("{files} file{}", if files == 1 { "" } else { "s" })
}

/// The sound files in a folder and in those inside it, by name; what is no sound file is left out, and said so.
fn music_in(folder: &Path, session: &Session) -> Result<Vec<PathBuf>, Failure> {
    let (mut music, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        for entry in entries.map_err(|error| Failure::input(&folder, error))? {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ if Decoder::open(&path).is_ok() => music.push(path),
                _ => session.warn(&format!("{}: left out: not a sound file", path.display())),
            }
        }
    }
    music.sort();
    Ok(music)
}
