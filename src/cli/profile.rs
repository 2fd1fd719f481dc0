//! Sound profiles of the user: where they lie, and how they are read.

use super::failure::Failure;
use automaster::error::exit;
use automaster::target::genre::profile::SoundProfile;
use std::path::{Path, PathBuf};

/// Where the profile of this name lies: `automaster/profiles/NAME.toml` in the user's configuration folder. Errors: a name
/// that is no file name; no configuration folder.
pub(super) fn home(name: &str) -> Result<PathBuf, Failure> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':']) {
        return Err(Failure::usage(format!("'{name}' cannot be a profile's name"), "take letters, digits and hyphens"));
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA").filter(|_| cfg!(windows)))
        .or_else(|| variable("HOME").map(|home| home.join(".config")))
        .ok_or_else(|| Failure::usage("there is no configuration folder (HOME is not set)", "name a file with --output"))?;
    Ok(folder.join("automaster/profiles").join(format!("{name}.toml")))
}

/// Reads a profile by name, or from a file that is named. Errors: there is none (usage); it cannot be used (model).
pub(super) fn read(name_or_file: &Path) -> Result<SoundProfile, Failure> {
    let path = match name_or_file.to_str() {
        Some(name) if !name_or_file.exists() => home(name)?,
        _ => name_or_file.to_owned(),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()), "automaster learn FOLDER --name NAME makes a profile")
    })?;
    SoundProfile::from_toml(&text).map_err(|error| Failure::Told {
        code: exit::MODEL,
        what: format!("{}: {error}", path.display()),
        hint: Some("automaster learn FOLDER --name NAME --overwrite makes it anew".into()),
    })
}
