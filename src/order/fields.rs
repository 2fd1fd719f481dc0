//! An order said in words: a name and a value, as a cell of a table, a field of JSON or TOML, a keyword of Python.
//!
//! The names are those of the command line's options, with `_` or `-`; a unit may be written behind (`loudness_lufs`).

use super::{Match, Order, masters_for, with_weight};
use crate::audio::format::{Dither, SampleFormat};
use crate::chain::find;
use crate::error::Error;
use crate::genre::Genre;
use crate::job::Engine;
use crate::params::nearest;
use crate::target::delivery::{profile_named, profiles};
use crate::words::LOUDNESS_LUFS;
use serde_json::Value;
use std::path::PathBuf;

/// Every name, as it is told to a person who took another.
pub const NAMES: [&str; 19] = [
    "ref",
    "genre",
    "profile",
    "match",
    "amount",
    "tone_amount",
    "loudness_amount",
    "dynamics_amount",
    "width_amount",
    "force_loudness",
    "engine",
    "set",
    "instructions",
    "for",
    "loudness",
    "ceiling",
    "bits",
    "dither",
    "rate",
];

/// A name without its unit, and the other words for the same thing.
pub(crate) fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase().replace('-', "_");
    match name.as_str() {
        "reference" | "references" | "refs" => "ref",
        "genres" => "genre",
        "settings" => "set",
        "place" => "for",
        "loudness_lufs" => "loudness",
        "ceiling_dbtp" => "ceiling",
        "rate_hz" | "sample_rate_hz" => "rate",
        other => other.strip_suffix("_percent").filter(|name| name.ends_with("amount")).unwrap_or(other),
    }
    .to_owned()
}

impl Order {
    /// Takes a value by name; `at` says where a path that is written here lies. False: there is no such name. Errors: a value
    /// that the name does not take.
    pub fn take(&mut self, name: &str, value: &Value, at: &dyn Fn(&str) -> PathBuf) -> Result<bool, Error> {
        self.put(&plain(name), value, at)
            .map_err(|expected| Error::asked(format!("{name}: {expected}, not {}", shown(value)), "see docs/cli.md"))
    }

    fn put(&mut self, name: &str, value: &Value, at: &dyn Fn(&str) -> PathBuf) -> Result<bool, String> {
        match name {
            "ref" => self.references = references(value, at)?,
            "genre" => {
                self.genres = words(value)?.iter().map(|word| genre(word)).collect::<Result<_, _>>()?;
                self.profile = None;
            }
            "profile" => {
                let name = word(value)?;
                let file = at(&name);
                self.profile = Some(if file.exists() { file } else { name.into() });
                self.genres.clear();
            }
            "match" => self.dimensions = words(value)?.iter().map(|word| dimension(word)).collect::<Result<_, _>>()?,
            "amount" => self.amount = share(value)?,
            "force_loudness" => self.force_loudness = truth(value)?,
            "engine" => {
                self.engine = match word(value)?.as_str() {
                    "rules" => Engine::Rules,
                    "learned" => Engine::Learned,
                    _ => return Err("expected rules or learned".into()),
                }
            }
            "set" => self.fixed = settings(value)?,
            "instructions" => self.instructions = Some(at(&word(value)?)),
            "for" => {
                let places = || profiles().iter().filter(|p| masters_for(p)).map(|p| p.name.as_str());
                let list = || format!("expected one of {}", places().collect::<Vec<_>>().join(", "));
                self.place = Some(profile_named(&word(value)?).filter(|p| masters_for(p)).ok_or_else(list)?);
            }
            "loudness" => self.loudness_lufs = Some(within(value, *LOUDNESS_LUFS.start(), *LOUDNESS_LUFS.end(), "LUFS")?),
            "ceiling" => {
                let ceiling = number(value)?;
                find("limiter.ceiling_dbtp").and_then(|p| p.check(ceiling)).map_err(|error| error.to_string())?;
                self.ceiling_dbtp = Some(ceiling);
            }
            "bits" => {
                self.sample_format = Some(match word(value)?.as_str() {
                    "16" => SampleFormat::Int16,
                    "24" => SampleFormat::Int24,
                    "32" => SampleFormat::Int32,
                    "32f" => SampleFormat::Float32,
                    _ => return Err("expected 16, 24, 32 or 32f".into()),
                })
            }
            "dither" => {
                self.dither = Some(match word(value)?.as_str() {
                    "none" => Dither::None,
                    "tpdf" => Dither::Tpdf,
                    "shaped" => Dither::Shaped,
                    _ => return Err("expected none, tpdf or shaped".into()),
                })
            }
            "rate" => self.sample_rate_hz = Some(within(value, 8_000.0, 384_000.0, "Hz")? as u32),
            _ => match Match::ALL.iter().position(|one| name.strip_suffix("_amount") == Some(one.name())) {
                Some(place) => self.amounts[place] = Some(share(value)?),
                None => return Ok(false),
            },
        }
        Ok(true)
    }
}

/// A value as a person wrote it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

fn word(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err("expected a word".into()),
    }
}

/// Words by commas, or a list of them.
fn words(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Array(items) => items.iter().map(word).collect(),
        other => word(other)?.split(',').map(|part| word(&Value::String(part.into()))).collect(),
    }
}

fn number(value: &Value) -> Result<f64, String> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite()).ok_or_else(|| "expected a number".into())
}

fn within(value: &Value, least: f64, most: f64, unit: &str) -> Result<f64, String> {
    let number = number(value).ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("expected {unit} from {least} to {most}"))
}

/// 0 to 100 as a share.
fn share(value: &Value) -> Result<f64, String> {
    let plain = match value {
        Value::String(text) => Value::String(text.trim().trim_end_matches('%').trim_end().into()),
        other => other.clone(),
    };
    Ok(within(&plain, 0.0, 100.0, "percent")? / 100.0)
}

fn truth(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if ["true", "yes", "1"].contains(&text.trim()) => Ok(true),
        Value::String(text) if ["false", "no", "0"].contains(&text.trim()) => Ok(false),
        _ => Err("expected true or false".into()),
    }
}

fn dimension(word: &str) -> Result<Match, String> {
    Match::ALL.into_iter().find(|one| one.name() == word).ok_or_else(|| "expected tone, loudness, dynamics, width".into())
}

/// Reads `NAME[:WEIGHT]`, in letters of any size. Errors: no such genre (with the nearest and the list of all); the weight is not positive.
pub fn genre(text: &str) -> Result<(Genre, f64), String> {
    let (name, weight) = text.split_once(':').unwrap_or((text, "1"));
    let name = name.trim().to_lowercase();
    let genre = Genre::named(&name).ok_or_else(|| {
        let names = Genre::ALL.map(Genre::name);
        // `techno` is a part of a name.
        let part = names.into_iter().find(|one| one.split('-').any(|part| part == name));
        let meant = nearest(&name, names).or(part).map(|one| format!(" (did you mean '{one}'?)")).unwrap_or_default();
        format!("no such genre{meant}; there are {}", names.join(", "))
    })?;
    match weight.parse::<f64>() {
        Ok(weight) if weight > 0.0 && weight.is_finite() => Ok((genre, weight)),
        _ => Err(format!("the weight '{weight}' is not a positive number")),
    }
}

/// `FILE[:WEIGHT]`, several by semicolons or as a list; in a list also `{file, weight}`.
fn references(value: &Value, at: &dyn Fn(&str) -> PathBuf) -> Result<Vec<(PathBuf, f64)>, String> {
    let one = |text: &str| with_weight(text, |path| at(path).exists()).map(|(path, weight)| (at(path), weight));
    match value {
        Value::Array(items) => items.iter().map(|item| reference(item, at, &one)).collect(),
        Value::Object(_) => Ok(vec![reference(value, at, &one)?]),
        other => word(other)?.split(';').map(str::trim).filter(|part| !part.is_empty()).map(one).collect(),
    }
}

fn reference(
    value: &Value,
    at: &dyn Fn(&str) -> PathBuf,
    one: &impl Fn(&str) -> Result<(PathBuf, f64), String>,
) -> Result<(PathBuf, f64), String> {
    let Value::Object(fields) = value else { return one(&word(value)?) };
    if let Some(other) = fields.keys().find(|key| !["file", "weight"].contains(&key.as_str())) {
        return Err(format!("a reference has a file and a weight, no {other}"));
    }
    let weight = fields.get("weight").map_or(Ok(1.0), number)?;
    if weight <= 0.0 {
        return Err(format!("the weight '{weight}' is not a positive number"));
    }
    Ok((at(&word(fields.get("file").unwrap_or(&Value::Null))?), weight))
}

/// `ID=VALUE` by commas or as a list, or a table of ids and values.
fn settings(value: &Value) -> Result<Vec<(String, f64)>, String> {
    let pairs: Vec<(String, String)> = match value {
        Value::Object(fields) => {
            let text = |value: &Value| match value {
                Value::Bool(on) => Ok(on.to_string()),
                other => word(other),
            };
            fields.iter().map(|(id, value)| Ok((id.clone(), text(value)?))).collect::<Result<_, String>>()?
        }
        other => {
            let pair = |text: &String| text.split_once('=').map(|(id, value)| (id.trim().to_owned(), value.trim().to_owned()));
            words(other)?.iter().map(|text| pair(text).ok_or("expected ID=VALUE")).collect::<Result<_, _>>()?
        }
    };
    let parsed = |(id, text): (String, String)| match find(&id).and_then(|param| param.parse(&text)) {
        Ok(value) => Ok((id, value)),
        Err(error) => Err(error.to_string()),
    };
    pairs.into_iter().map(parsed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taken(fields: Value) -> Result<Order, String> {
        let mut order = Order::default();
        for (name, value) in fields.as_object().unwrap() {
            match order.take(name, value, &|path| PathBuf::from("at").join(path)) {
                Ok(true) => {}
                Ok(false) => return Err(format!("no {name}")),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(order)
    }

    #[test]
    fn cells_of_text_and_typed_fields_say_the_same() {
        let typed = json!({
            "references": [{ "file": "a.flac", "weight": 2 }, "b.flac"], "match": ["tone", "width"], "amount_percent": 70,
            "tone-amount": 40, "force_loudness": true, "engine": "learned", "set": { "limiter.release_ms": 80 },
            "for": "spotify", "loudness_lufs": -11, "ceiling_dbtp": -2, "bits": 16, "dither": "shaped", "sample_rate_hz": 48000,
        });
        let cells = json!({
            "ref": "a.flac:2; b.flac", "match": "tone,width", "amount": "70 %", "tone_amount": "40", "force-loudness": "yes",
            "engine": "learned", "set": "limiter.release_ms=80", "for": "spotify", "loudness": "-11", "ceiling": "-2",
            "bits": "16", "dither": "shaped", "rate": "48000",
        });
        let order = taken(typed).unwrap();
        assert_eq!(order, taken(cells).unwrap());
        assert_eq!(order.references, [("at/a.flac".into(), 2.0), ("at/b.flac".into(), 1.0)]);
        assert_eq!((order.amounts, order.amount), ([Some(0.4), None, None, None], 0.7));
        assert_eq!(taken(json!({ "genre": "metal:2,rock" })).unwrap().genres, [(Genre::Metal, 2.0), (Genre::Rock, 1.0)]);
        assert_eq!(taken(json!({ "genre": ["Hip-Hop", "ROCK"] })).unwrap().genres, [(Genre::HipHop, 1.0), (Genre::Rock, 1.0)]);
    }

    #[test]
    fn every_name_is_taken_and_nonsense_is_refused_in_words() {
        for name in NAMES {
            let refused = Order::default().take(name, &json!([[]]), &|path| path.into());
            assert!(refused.is_err(), "{name} takes a list of lists");
        }
        for (fields, words) in [
            (json!({ "loudness": -90 }), "loudness: expected LUFS from -40 to -3, not -90"),
            (json!({ "bits": "20" }), "expected 16, 24, 32 or 32f, not '20'"),
            (json!({ "for": "vinyl" }), "expected one of spotify"),
            (json!({ "genre": "polka" }), "no such genre; there are pop"),
            (json!({ "genre": "metl" }), "no such genre (did you mean 'metal'?); there are pop"),
            (json!({ "genre": "Techno" }), "did you mean 'house-techno'"),
            (json!({ "ref": "a.flac:0" }), "not a positive number"),
            (json!({ "ref": [{ "path": "a" }] }), "no path"),
            (json!({ "set": "limiter.relase_ms=80" }), "did you mean 'limiter.release_ms'"),
            (json!({ "ceiling": 3 }), "outside"),
            (json!({ "loudnes": -9 }), "no loudnes"),
        ] {
            let error = taken(fields.clone()).unwrap_err();
            assert!(error.contains(words), "{fields}: {error}");
        }
    }
}
