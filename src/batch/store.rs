//! Where files lie: this machine's folders; with the feature `cloud`, object stores too (`s3://`, `gs://`, `az://`).
//!
//! Credentials and endpoints are those of the environment (`AWS_*`, `GOOGLE_*`, `AZURE_*`), as each store's own tools read
//! them; they are in no error, no report and no line of results.

#[cfg(feature = "cloud")]
mod cloud;

use super::identity::Stat;
use crate::error::Error;
use std::path::{Path, PathBuf};

/// Whether a place is a URL of an object store.
pub fn is_url(place: &Path) -> bool {
    place.to_str().and_then(|text| text.split_once("://")).is_some_and(|(scheme, _)| SCHEMES.contains(&scheme))
}

/// Schemes of object stores.
const SCHEMES: [&str; 3] = ["s3", "gs", "az"];

/// What a text points to: a path or URL as it is, `file://` as its path. Errors: another scheme.
pub(super) fn place(text: &str) -> Result<PathBuf, String> {
    match text.split_once("://") {
        Some(("file", path)) => file_path(path).ok_or_else(|| format!("{text}: file:// takes a path that begins with /")),
        Some((scheme, _)) if SCHEMES.contains(&scheme) => Ok(text.into()),
        Some((scheme, _)) if !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Err(format!("{text}: nothing is read from {scheme}://; there are paths, file://, s3://, gs:// and az://"))
        }
        _ => Ok(text.into()),
    }
}

/// The path of `file://[localhost]/path`, its `%XX` decoded.
fn file_path(rest: &str) -> Option<PathBuf> {
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let mut bytes = Vec::new();
    let mut left = path.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [left.next()?, left.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok().filter(|path| path.starts_with('/')).map(PathBuf::from)
}

/// All places that a batch reads and writes.
#[derive(Default)]
pub struct Store {
    #[cfg(feature = "cloud")]
    cloud: cloud::Cloud,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// What is there; none where nothing is. Errors: the system or the store will not tell.
    pub fn stat(&self, place: &Path) -> Result<Option<Stat>, Error> {
        match place.to_str().filter(|_| is_url(place)) {
            Some(url) => self.url_stat(url),
            None => Stat::of(place),
        }
    }

    /// Copies an object to `file`. Errors: there is none; the store or the disk fails.
    pub fn fetch(&self, place: &Path, file: &Path) -> Result<Stat, Error> {
        self.url_fetch(&place.to_string_lossy(), file)
    }

    /// Sends `file` to a URL, whole or not at all. Errors: the store refuses or fails.
    pub fn send(&self, file: &Path, place: &Path) -> Result<Stat, Error> {
        self.url_send(file, &place.to_string_lossy())
    }

    #[cfg(feature = "cloud")]
    fn url_stat(&self, url: &str) -> Result<Option<Stat>, Error> {
        self.cloud.stat(url)
    }

    #[cfg(feature = "cloud")]
    fn url_fetch(&self, url: &str, file: &Path) -> Result<Stat, Error> {
        self.cloud.fetch(url, file)
    }

    #[cfg(feature = "cloud")]
    fn url_send(&self, file: &Path, url: &str) -> Result<Stat, Error> {
        self.cloud.send(file, url)
    }

    #[cfg(not(feature = "cloud"))]
    fn url_stat(&self, url: &str) -> Result<Option<Stat>, Error> {
        Err(not_built(url))
    }

    #[cfg(not(feature = "cloud"))]
    fn url_fetch(&self, url: &str, _: &Path) -> Result<Stat, Error> {
        Err(not_built(url))
    }

    #[cfg(not(feature = "cloud"))]
    fn url_send(&self, _: &Path, url: &str) -> Result<Stat, Error> {
        Err(not_built(url))
    }
}

#[cfg(not(feature = "cloud"))]
fn not_built(url: &str) -> Error {
    Error::asked(format!("{url}: this program is built without object stores"), "build it with --features cloud")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_point_to_places() {
        let at = place;
        assert_eq!(at("a.wav"), Ok("a.wav".into()));
        assert_eq!(at("/a.wav"), Ok("/a.wav".into()));
        assert_eq!(at("file:///music/a%20b.wav"), Ok("/music/a b.wav".into()));
        assert_eq!(at("file://localhost/a.wav"), Ok("/a.wav".into()));
        assert_eq!(at("s3://music/a b.wav"), Ok("s3://music/a b.wav".into()));
        assert!(is_url(&at("gs://music/a.wav").unwrap()) && !is_url(&at("take 1: a.wav").unwrap()));
        for wrong in ["ftp://a/b.wav", "file://host/a.wav", "file:///a%2"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
