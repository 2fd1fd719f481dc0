//! Listening as others hear it, where the page alone cannot: a lossy codec, encoded and decoded for real.

use super::desk::Desk;
use super::wire::{CodecRow, CodedHead, SoundHead, Took, WantedCodec, sound};
use super::work::No;
use crate::audio::codec::{Codec, Coding, round_trip};
use crate::render::section_lufs;
use std::time::Instant;

/// What streaming services and shops send, at the bitrates of their usual tiers.
const CODINGS: [Coding; 5] = [
    Coding { codec: Codec::Mp3, bitrate_kbps: 128 },
    Coding { codec: Codec::Mp3, bitrate_kbps: 320 },
    Coding { codec: Codec::Aac, bitrate_kbps: 256 },
    Coding { codec: Codec::Opus, bitrate_kbps: 128 },
    Coding { codec: Codec::Vorbis, bitrate_kbps: 160 },
];

/// The codecs to choose from, and what keeps one from being chosen.
pub(super) fn codecs() -> Vec<CodecRow> {
    let row = |coding: &Coding| CodecRow {
        coding: *coding,
        name: coding.to_string(),
        missing: coding.codec.available().err().map(|error| error.to_string()),
    };
    CODINGS.iter().map(row).collect()
}

impl Desk {
    /// What a page hears, through a codec and back. Errors: not one of the codecs; it is not available here.
    pub(super) fn coded(&self, asked: &WantedCodec) -> Result<Vec<u8>, No> {
        let began = Instant::now();
        if !CODINGS.contains(&asked.coding) {
            return Err(No::Wrong(format!("{} is none of the codecs to choose from", asked.coding)));
        }
        asked.coding.codec.available().map_err(|error| No::Unavailable(error.to_string()))?;
        let audio = self.heard(&asked.client, asked.sequence).ok_or(No::Superseded)?;
        let (coded, trip) = round_trip(&audio, asked.coding).map_err(|error| No::Failed(error.to_string()))?;
        let head = SoundHead {
            sequence: asked.sequence,
            start_s: 0.0,
            sample_rate_hz: coded.sample_rate_hz,
            channels: coded.channels.len(),
            frames: coded.frames(),
            loudness_lufs: section_lufs(&coded),
            figures: None,
            meters: Vec::new(),
            drive_db: None,
            took: Took { measuring_ms: began.elapsed().as_secs_f64() * 1e3, ..Took::default() },
        };
        let head = CodedHead {
            sound: head,
            true_peak_dbtp: trip.decoded_dbtp,
            overshoot_db: trip.overshoot_db(),
            mean_kbps: trip.mean_kbps,
        };
        Ok(sound(&head, &coded)?)
    }
}
