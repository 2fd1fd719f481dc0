//! Sound profiles of the user: where they lie, and how they are read.

use crate::error::Error;
use crate::target::genre::profile::SoundProfile;
use std::path::{Path, PathBuf};

/// Where the profile of this name lies: `automaster/profiles/NAME.toml` in the user's configuration folder. Errors: a name
/// that is no file name; no configuration folder.
pub fn home(name: &str) -> Result<PathBuf, Error> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':']) {
        return Err(Error::asked(format!("'{name}' cannot be a profile's name"), "take letters, digits and hyphens"));
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA").filter(|_| cfg!(windows)))
        .or_else(|| variable("HOME").map(|home| home.join(".config")))
        .ok_or_else(|| Error::asked("there is no configuration folder (HOME is not set)", "name a file with --output"))?;
    Ok(folder.join("automaster/profiles").join(format!("{name}.toml")))
}

/// Reads a profile by name, or from a file that is named. Errors: there is none; it cannot be used.
pub fn read(name_or_file: &Path) -> Result<SoundProfile, Error> {
    let path = match name_or_file.to_str() {
        Some(name) if !name_or_file.exists() => home(name)?,
        _ => name_or_file.to_owned(),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Error::asked(format!("{}: {error}", path.display()), "automaster learn FOLDER --name NAME makes a profile")
    })?;
    SoundProfile::from_toml(&text).map_err(|source| Error::Profile { path, source })
}
