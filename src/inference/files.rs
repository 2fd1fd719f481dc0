//! The models' files: found, hashed, their versions compared.

use super::ModelError;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Environment variable: a folder to take `manifest.toml` and the models from.
pub const MODELS_DIR: &str = "AUTOMASTER_MODELS";

const MANIFEST: &str = include_str!("../../models/manifest.toml");

/// The models inside the program, by file name.
const EMBEDDED: &[(&str, &[u8])] = &[
    #[cfg(feature = "onnx")]
    ("inverse.onnx", include_bytes!("../../models/inverse.onnx")),
    #[cfg(feature = "onnx")]
    ("inverse-reach.json", include_bytes!("../../models/inverse-reach.json")),
    #[cfg(feature = "onnx")]
    ("musicnn.onnx", include_bytes!("../../models/musicnn.onnx")),
    #[cfg(feature = "onnx")]
    ("genre.json", include_bytes!("../../models/genre.json")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    model: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    sha256: String,
    made_for: BTreeMap<String, u32>,
}

/// The bytes of a model whose hash is right and which was made for exactly the versions that the caller `has`, as in
/// `[("features", 1), ("params", 1)]`. Errors: not in the manifest, unreadable, damaged, another version.
pub fn read(name: &str, has: &[(&str, u32)]) -> Result<Cow<'static, [u8]>, ModelError> {
    let folder = std::env::var_os(MODELS_DIR).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    read_from(folder.as_deref(), name, has)
}

fn read_from(folder: Option<&Path>, name: &str, has: &[(&str, u32)]) -> Result<Cow<'static, [u8]>, ModelError> {
    let manifest = match folder {
        Some(folder) => Cow::Owned(String::from_utf8_lossy(&load(&folder.join("manifest.toml"))?).into_owned()),
        None => Cow::Borrowed(MANIFEST),
    };
    let mut manifest: Manifest = toml::from_str(&manifest)?;
    let unknown = || ModelError::Unknown { name: name.into() };
    let entry = manifest.model.remove(name).ok_or_else(unknown)?;
    check_versions(name, &entry.made_for, has)?;
    let bytes = match folder {
        Some(folder) => Cow::Owned(load(&folder.join(&entry.file))?),
        None => Cow::Borrowed(EMBEDDED.iter().find(|(file, _)| *file == entry.file).ok_or_else(unknown)?.1),
    };
    let actual: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if actual != entry.sha256 {
        return Err(ModelError::Corrupt { name: name.into(), expected: entry.sha256, actual });
    }
    Ok(bytes)
}

/// How many models a manifest lists. Errors: it is not understood.
pub fn models_listed(manifest: &str) -> Result<usize, ModelError> {
    Ok(toml::from_str::<Manifest>(manifest)?.model.len())
}

fn load(path: &Path) -> Result<Vec<u8>, ModelError> {
    std::fs::read(path).map_err(|source| ModelError::File { path: path.into(), source })
}

/// Both sides must name the same things with the same versions.
fn check_versions(name: &str, made_for: &BTreeMap<String, u32>, has: &[(&str, u32)]) -> Result<(), ModelError> {
    for (of, &expected) in made_for {
        let actual = has.iter().find(|(what, _)| what == of).map(|(_, version)| *version);
        if actual != Some(expected) {
            return Err(ModelError::Version { name: name.into(), of: of.clone(), expected, actual });
        }
    }
    match has.iter().find(|(what, _)| !made_for.contains_key(*what)) {
        Some((of, version)) => Err(ModelError::Content {
            name: name.into(),
            what: format!("does not say for which version of {of} it was made; this program has {version}"),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"weights";
    const HASH: &str = "9cb3cc7eafc77101029a10ff843aff3db96c6def5eaec4f9e16ef14eef1a3af4";

    fn folder(hash: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!("[model.m]\nfile = \"m.json\"\nsha256 = \"{hash}\"\nmade_for = {{ features = 2 }}\n");
        std::fs::write(folder.path().join("manifest.toml"), manifest).unwrap();
        std::fs::write(folder.path().join("m.json"), BYTES).unwrap();
        folder
    }

    #[test]
    fn a_model_is_read_where_hash_and_versions_fit() {
        let hash: String = Sha256::digest(BYTES).iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = folder(&hash);
        let read = |name, has: &[_]| read_from(Some(folder.path()), name, has);
        assert_eq!(*read("m", &[("features", 2)]).unwrap(), *BYTES);
        assert!(matches!(read("n", &[("features", 2)]), Err(ModelError::Unknown { .. })));
        assert!(matches!(read("m", &[("features", 3)]), Err(ModelError::Version { expected: 2, actual: Some(3), .. })));
        assert!(matches!(read("m", &[]), Err(ModelError::Version { actual: None, .. })));
        assert!(matches!(read("m", &[("features", 2), ("params", 1)]), Err(ModelError::Content { .. })));
        std::fs::remove_file(folder.path().join("m.json")).unwrap();
        assert!(matches!(read("m", &[("features", 2)]), Err(ModelError::File { .. })));
    }

    #[test]
    fn a_damaged_file_is_told_by_its_hash() {
        let folder = folder(HASH);
        let error = read_from(Some(folder.path()), "m", &[("features", 2)]).unwrap_err();
        assert!(matches!(&error, ModelError::Corrupt { expected, .. } if expected == HASH), "{error}");
        std::fs::write(folder.path().join("manifest.toml"), "[model.m]\nfile = 3\n").unwrap();
        assert!(matches!(read_from(Some(folder.path()), "m", &[]), Err(ModelError::Manifest(_))));
    }

    #[test]
    fn every_model_inside_is_whole() {
        let manifest: Manifest = toml::from_str(MANIFEST).unwrap();
        for (file, _) in EMBEDDED {
            let (name, entry) = manifest.model.iter().find(|(_, entry)| entry.file == *file).unwrap();
            let has: Vec<_> = entry.made_for.iter().map(|(what, version)| (what.as_str(), *version)).collect();
            read_from(None, name, &has).unwrap();
        }
    }
}
