//! `automaster deliver MASTER --for PLACE,… -o FOLDER`: the files that platforms, plants and archives accept.

use super::args::DeliverArgs;
use super::failure::Failure;
use super::guard;
use super::session::Session;
use automaster::deliver;
use automaster::job;
use automaster::report::Source;
use automaster::target::delivery::Profile;

/// Runs the command.
pub(super) fn run(args: &DeliverArgs, session: &Session) -> Result<(), Failure> {
    guard::inputs([args.master.as_path()])?;
    let mut places: Vec<&Profile> = Vec::new();
    for place in &args.places {
        if !places.iter().any(|known| known.name == place.name) {
            places.push(place);
        }
    }
    let song = session.work(|progress| job::load_mix(&args.master, progress))?;
    session.warn_of([&Source::from(&song)]);
    let delivered = session.work(|progress| deliver::deliver(&song, &places, &args.output, args.overwrite, progress))?;
    session.show(&delivered, |_| deliver::markdown(&delivered))
}
