//! The packets of one track, in their order.
//!
//! An Ogg page tells where the stream stands at its end, and the last page thereby how much of its last packet is music. Symphonia trims
//! by every page. Where an encoder's count is a few frames behind in the middle of a stream, that would cut music out, which no other
//! decoder does: here only what nothing follows is trimmed. An MP3 tells in its first frame how many there are; one that holds more, two
//! files one behind the other above all, is trimmed nowhere but at its head.

use super::guard::guarded;
use std::collections::VecDeque;
use std::io::ErrorKind;
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};

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

/// Who says what is to be trimmed at the end.
#[derive(Clone, Copy)]
pub(super) enum Trims {
    /// Each packet, and it is right.
    Packets,
    /// Ogg pages, each of which counts on its own.
    Pages,
    /// The first frame of an MP3, by which the last frame ends here, its padding and all.
    Count(Timestamp),
}

/// The packets of a track.
pub(super) struct Packets {
    pub(super) format: Box<dyn FormatReader>,
    pub(super) track_id: u32,
    trims: Trims,
    ahead: VecDeque<Next>,
}

impl Packets {
    /// The packets of a track whose ends are trimmed so.
    pub(super) fn new(format: Box<dyn FormatReader>, track_id: u32, trims: Trims) -> Self {
        Self { format, track_id, trims, ahead: VecDeque::new() }
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Next {
        let next = self.ahead.pop_front().unwrap_or_else(|| self.pull());
        match next {
            Next::Packet(packet) if packet.trim_end > Duration::ZERO => Next::Packet(self.trimmed(packet)),
            next => next,
        }
    }

    /// A packet without a trim that what follows it belies.
    fn trimmed(&mut self, mut packet: Packet) -> Packet {
        let trims = self.trims;
        match trims {
            Trims::Pages if self.is_followed() => {
                packet.dur = packet.dur.saturating_add(packet.trim_end);
                packet.trim_end = Duration::ZERO;
            }
            // Their reader leaves the length of these packets whole.
            Trims::Count(end) if packet.pts >= end || self.reaches(end) => packet.trim_end = Duration::ZERO,
            _ => {}
        }
        packet
    }

    /// Whether there is a packet ahead that is not trimmed away as a whole.
    fn is_followed(&mut self) -> bool {
        let mut at = 0;
        loop {
            match self.peek(at) {
                Next::Packet(packet) if packet.dur == Duration::ZERO => at += 1,
                next => return matches!(next, Next::Packet(_)),
            }
        }
    }

    /// Whether there is a packet ahead that begins at `end` or behind it.
    fn reaches(&mut self, end: Timestamp) -> bool {
        let mut at = 0;
        loop {
            match self.peek(at) {
                Next::Packet(packet) if packet.pts < end => at += 1,
                next => return matches!(next, Next::Packet(_)),
            }
        }
    }

    /// What comes, `at` places further on.
    fn peek(&mut self, at: usize) -> &Next {
        while self.ahead.len() <= at {
            let next = self.pull();
            self.ahead.push_back(next);
        }
        &self.ahead[at]
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
