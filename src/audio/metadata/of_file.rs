//! What a tag says of the mix's own file, and would say wrongly of the master.

use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::tag::{ItemKey, Tag};

/// Keys that are true of the mix's file alone.
const LEFT_OUT: [ItemKey; 12] = [
    ItemKey::ReplayGainAlbumGain,
    ItemKey::ReplayGainAlbumPeak,
    ItemKey::ReplayGainTrackGain,
    ItemKey::ReplayGainTrackPeak,
    ItemKey::R128AlbumGain,
    ItemKey::R128TrackGain,
    ItemKey::EncodedBy,
    ItemKey::EncoderSoftware,
    ItemKey::EncoderSettings,
    ItemKey::EncodingTime,
    ItemKey::Length,
    ItemKey::OriginalMediaType,
];
/// How the comments of iTunes that describe a file begin: loudness (`iTunNORM`), padding (`iTunSMPB`), gapless play (`iTunPGAP`).
const ITUNES: &str = "iTun";
/// ID3v2 frames that are true of the mix's file alone: gain and equalisation for players, and places in its bytes.
const FRAMES_LEFT_OUT: [&str; 9] = ["RVA2", "RVAD", "XRVA", "RGAD", "EQU2", "EQUA", "MLLT", "ASPI", "TSIZ"];
/// How the descriptions of free ID3v2 texts begin that are so, in small letters.
const TEXTS_LEFT_OUT: [&str; 4] = ["replaygain_", "r128_", "mp3gain_", "itun"];

/// Takes out of a tag what describes the file, as far as it has a common key.
pub(super) fn leave_out(tag: &mut Tag) {
    tag.retain(|item| !LEFT_OUT.contains(&item.key()) && !item.description().starts_with(ITUNES));
}

/// Takes such frames out of an ID3v2 tag: what has no common key comes along as it is, from one of these tags to the next.
pub(super) fn leave_out_frames(tag: &mut Id3v2Tag) {
    tag.retain(|frame| match frame {
        Frame::UserText(text) => {
            let description = text.description.to_ascii_lowercase();
            !TEXTS_LEFT_OUT.iter().any(|begin| description.starts_with(begin))
        }
        other => !FRAMES_LEFT_OUT.contains(&other.id_str()),
    });
}
