//! Options about the file: where it goes, how loud, how high its peaks, which words.

use super::failure::Failure;
use automaster::audio::format::{Dither, SampleFormat};
use automaster::chain::find;
use automaster::error::Error;
use automaster::order::{Order, masters_for};
use automaster::target::delivery::{Profile, profile_named, profiles};
use automaster::words::LOUDNESS_LUFS;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// Word lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Bits {
    /// 16-bit integer
    #[value(name = "16")]
    Int16,
    /// 24-bit integer
    #[value(name = "24")]
    Int24,
    /// 32-bit integer (WAV)
    #[value(name = "32")]
    Int32,
    /// 32-bit float (WAV)
    #[value(name = "32f")]
    Float32,
}

/// Dither where the word gets shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DitherArg {
    /// Plain rounding
    None,
    /// Triangular noise, 2 steps peak to peak
    Tpdf,
    /// Triangular noise, moved away from where hearing is most sensitive
    Shaped,
}

/// What is delivered.
#[derive(Debug, Args)]
#[command(next_help_heading = "Delivery")]
pub(crate) struct DeliveryArgs {
    /// Take loudness, ceiling and format from where the master goes
    #[arg(long = "for", value_name = "PLACE", value_parser = places())]
    place: Option<&'static Profile>,
    /// Integrated loudness of the master [default: the reference's, or that of --for]
    #[arg(long, value_name = "LUFS", allow_negative_numbers = true, value_parser = loudness)]
    loudness: Option<f64>,
    /// True peak that the master never passes [default: -1, or that of --for]
    #[arg(long, value_name = "dBTP", allow_negative_numbers = true)]
    ceiling: Option<f64>,
    /// Word length [default: 24, or that of --for]
    #[arg(long, value_enum)]
    bits: Option<Bits>,
    /// Dither, once, last, where the word gets shorter [default: tpdf]
    #[arg(long, value_enum)]
    dither: Option<DitherArg>,
    /// Sample rate [default: the mix's, or that of --for]
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(8_000..=384_000))]
    rate: Option<u32>,
}

/// The names of the places that a master is made for, each with what it asks for.
fn places() -> impl TypedValueParser<Value = &'static Profile> {
    named(masters_for)
}

/// The names of all profiles, each with what it asks for.
pub(super) fn all_places() -> impl TypedValueParser<Value = &'static Profile> {
    named(|_| true)
}

fn named(chosen: fn(&Profile) -> bool) -> impl TypedValueParser<Value = &'static Profile> {
    let value = |p: &'static Profile| PossibleValue::new(p.name.as_str()).help(describe(p));
    let names: Vec<PossibleValue> = profiles().iter().filter(|p| chosen(p)).map(value).collect();
    PossibleValuesParser::new(names).try_map(|name| profile_named(&name).ok_or("no such place"))
}

/// `-14 LUFS (official), -1 dBTP (official); a master louder than …`
fn describe(profile: &Profile) -> String {
    let loudness = match profile.loudness_lufs {
        Some(lufs) => format!("{lufs} LUFS ({})", profile.loudness_source.words()),
        None => "no loudness of its own".to_owned(),
    };
    let note = if profile.note.is_empty() { String::new() } else { format!("; {}", profile.note) };
    format!("{loudness}, {} dBTP ({}){note}", profile.ceiling_dbtp, profile.ceiling_source.words())
}

fn loudness(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if LOUDNESS_LUFS.contains(&value) => Ok(value),
        _ => Err(format!("expected LUFS from {} to {}", LOUDNESS_LUFS.start(), LOUDNESS_LUFS.end())),
    }
}

impl DeliveryArgs {
    /// The loudness of an album's loudest track, where `--for` has one and no other loudness is asked for.
    pub(crate) fn album_lufs(&self) -> Option<f64> {
        self.place.and_then(|place| place.album_lufs).filter(|_| self.loudness.is_none())
    }

    /// Puts these options into the order. Errors: a ceiling out of range.
    pub(crate) fn apply(&self, order: &mut Order) -> Result<(), Failure> {
        if let Some(ceiling) = self.ceiling {
            find("limiter.ceiling_dbtp").and_then(|p| p.check(ceiling)).map_err(Error::Param)?;
        }
        order.place = self.place;
        order.loudness_lufs = self.loudness;
        order.ceiling_dbtp = self.ceiling;
        order.sample_format = self.bits.map(sample_format);
        order.sample_rate_hz = self.rate;
        order.dither = self.dither.map(|dither| match dither {
            DitherArg::None => Dither::None,
            DitherArg::Tpdf => Dither::Tpdf,
            DitherArg::Shaped => Dither::Shaped,
        });
        Ok(())
    }
}

const fn sample_format(bits: Bits) -> SampleFormat {
    match bits {
        Bits::Int16 => SampleFormat::Int16,
        Bits::Int24 => SampleFormat::Int24,
        Bits::Int32 => SampleFormat::Int32,
        Bits::Float32 => SampleFormat::Float32,
    }
}
