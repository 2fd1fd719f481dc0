//! What all files of an album are written as.

use super::heard::Heard;
use super::{Request, plans};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::error::Error;
use crate::plan::{Delivery, Plan};
use std::collections::BTreeMap;

/// One format for all of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    pub(super) container: Container,
    pub(super) sample_format: SampleFormat,
    pub(super) dither: Dither,
    pub(super) sample_rate_hz: u32,
}

impl Format {
    /// What is asked for, else what the first plan says that the sheet names, else 24-bit WAV at the rate that most tracks have,
    /// the higher where equal. Errors: a plan cannot be read.
    pub(super) fn of(request: &Request, entries: &[Heard]) -> Result<Self, Error> {
        let given = given(request)?;
        let mut counts = BTreeMap::new();
        entries.iter().for_each(|heard| *counts.entry(heard.info.sample_rate_hz).or_insert(0) += 1);
        let most = counts.into_iter().max_by_key(|(rate, count)| (*count, *rate)).map_or(44_100, |(rate, _)| rate);
        let wishes = &request.wishes;
        Ok(Self {
            container: container_of(request, given),
            sample_format: wishes.sample_format.or(given.map(|delivery| delivery.sample_format)).unwrap_or(SampleFormat::Int24),
            dither: wishes.dither.or(given.map(|delivery| delivery.dither)).unwrap_or(Dither::Tpdf),
            sample_rate_hz: wishes.sample_rate_hz.or(given.map(|delivery| delivery.sample_rate_hz)).unwrap_or(most),
        })
    }

    /// A plan says what its file is, so that it gives the same one again.
    pub(super) fn put_into(self, plan: &mut Plan) {
        let Self { container, sample_format, dither, sample_rate_hz } = self;
        plan.delivery = Delivery { container, sample_format, dither, sample_rate_hz, ..plan.delivery };
    }
}

/// The container alone: what names end with, known before anything is heard. Errors as [`Format::of`].
pub(super) fn container(request: &Request) -> Result<Container, Error> {
    Ok(container_of(request, given(request)?))
}

fn container_of(request: &Request, given: Option<Delivery>) -> Container {
    request.container.or(given.map(|delivery| delivery.container)).unwrap_or(Container::Wav)
}

/// What the first plan delivers that the sheet names.
fn given(request: &Request) -> Result<Option<Delivery>, Error> {
    let named = request.sheet.tracks.iter().find_map(|track| track.plan.as_ref());
    Ok(named.map(|path| plans::read(path)).transpose()?.map(|plan| plan.delivery))
}
