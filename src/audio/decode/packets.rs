//! The packets of one track, in their order.
//!
//! An Ogg page tells where the stream stands at its end, and the last page thereby how much of its last packet is music. Symphonia trims
//! by every page. Where an encoder's count is a few frames behind in the middle of a stream, that would cut music out, which no other
//! decoder does: here only what nothing follows is trimmed.

use super::guard::guarded;
use std::collections::VecDeque;
use std::io::ErrorKind;
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;
use symphonia::core::units::Duration;

/// What comes next.
pub(super) enum Next {
    /// A packet of the track.
    Packet(Packet),
    /// The end; whether the bytes ran out in the middle of something.
    End { cut: bool },
    /// Another stream is chained behind.
    Chained,
    /// The reader fails.
    Fault(Error),
    /// The reader has panicked.
    Broken,
}

/// The packets of a track.
pub(super) struct Packets {
    pub(super) format: Box<dyn FormatReader>,
    pub(super) track_id: u32,
    /// Trims come from pages, which count on their own.
    paged: bool,
    ahead: VecDeque<Next>,
}

impl Packets {
    /// `paged`: the packets come from Ogg pages.
    pub(super) fn new(format: Box<dyn FormatReader>, track_id: u32, paged: bool) -> Self {
        Self { format, track_id, paged, ahead: VecDeque::new() }
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Next {
        let next = self.ahead.pop_front().unwrap_or_else(|| self.pull());
        match next {
            Next::Packet(mut packet) if self.paged && packet.trim_end > Duration::ZERO && self.is_followed() => {
                packet.dur = packet.dur.saturating_add(packet.trim_end);
                packet.trim_end = Duration::ZERO;
                Next::Packet(packet)
            }
            next => next,
        }
    }

    /// Whether there is a packet ahead that is not trimmed away as a whole.
    fn is_followed(&mut self) -> bool {
        let mut at = 0;
        loop {
            if at == self.ahead.len() {
                let next = self.pull();
                self.ahead.push_back(next);
            }
            match &self.ahead[at] {
                Next::Packet(packet) if packet.dur == Duration::ZERO => at += 1,
                next => return matches!(next, Next::Packet(_)),
            }
        }
    }

    fn pull(&mut self) -> Next {
        loop {
            match guarded(|| self.format.next_packet()) {
                None => return Next::Broken,
                Some(Ok(Some(packet))) if packet.track_id == self.track_id => return Next::Packet(packet),
                Some(Ok(Some(_))) => {}
                Some(Ok(None)) => return Next::End { cut: false },
                Some(Err(Error::IoError(error))) if error.kind() == ErrorKind::UnexpectedEof => return Next::End { cut: true },
                Some(Err(Error::ResetRequired)) => return Next::Chained,
                Some(Err(error)) => return Next::Fault(error),
            }
        }
    }
}
