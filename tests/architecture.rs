//! The house stands as ARCHITECTURE.md says: imports look down, every file has a room, no file is a heap.

use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE_LINES: usize = 400;

/// A row of the table of rooms.
#[derive(Debug)]
struct Room {
    floor: u32,
    name: String,
    path: PathBuf,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The table of rooms: rows `| floor | name | path | … |` whose first cell is a number.
fn rooms() -> Vec<Room> {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.trim().trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned());
        let floor = cells.next()?.parse().ok()?;
        Some(Room { floor, name: cells.next()?, path: cells.next()?.into() })
    };
    map.lines().filter(|line| line.starts_with('|')).filter_map(row).collect()
}

/// All Rust files below a folder, relative to the repository.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

fn room_of<'a>(rooms: &'a [Room], file: &Path) -> Option<&'a Room> {
    rooms.iter().find(|room| file.starts_with(&room.path))
}

/// The code without comments; strings are left in, as none holds a path of the crate.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(root().join(file)).unwrap();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The first names behind `prefix` (`crate::`), also of grouped imports: `crate::{a, b::{c, d}}` gives a and b.
fn first_names(code: &str, prefix: &str) -> Vec<String> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let name = |text: &str| text.trim_start().chars().take_while(|c| word(*c)).collect::<String>();
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(word) || code[..at].ends_with("::") {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(name(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(name(&std::mem::take(&mut item))),
                _ => {}
            }
            if depth == 0 && c != ',' {
                item.push(c);
            }
        }
        names.push(name(&item));
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Names of rooms that a file reaches: by `crate::`, by `automaster::` from the program, by `super::` up to the root.
fn looks_at(file: &Path, code: &str) -> Vec<String> {
    let inside: Vec<_> = file.strip_prefix("src").unwrap().components().collect();
    let is_folder_module = file.file_name().is_some_and(|name| name == "mod.rs");
    let depth = inside.len() - usize::from(is_folder_module);
    let mut names = first_names(code, "crate::");
    names.extend(first_names(code, "automaster::"));
    // One step more than the file is deep: from an inline module of tests.
    for steps in [depth, depth + 1] {
        names.extend(first_names(code, &"super::".repeat(steps)));
    }
    // Macros live at the crate's root but belong to the room that declares them.
    names
        .into_iter()
        .map(|name| if name == "stage_settings" || name == "choice_param" { "params".into() } else { name })
        .collect()
}

#[test]
fn imports_look_down() {
    let rooms = rooms();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let Some(own) = room_of(&rooms, &file) else { continue };
        if own.name == "lib" {
            continue;
        }
        for name in looks_at(&file, &code(&file)) {
            let Some(other) = rooms.iter().find(|room| room.name == name) else { continue };
            seen += 1;
            if other.name != own.name && other.floor >= own.floor {
                wrong.push(format!(
                    "{}: `{}` (floor {}) looks at `{}` (floor {})",
                    file.display(),
                    own.name,
                    own.floor,
                    name,
                    other.floor
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 200, "only {seen} imports were understood: the test no longer sees the code");
}

#[test]
fn every_file_has_a_room_and_every_room_exists() {
    let rooms = rooms();
    assert!(rooms.len() > 10, "the table of rooms was not found");
    for room in &rooms {
        assert!(root().join(&room.path).exists(), "{} does not exist", room.path.display());
    }
    for file in rust_files("src") {
        assert!(room_of(&rooms, &file).is_some(), "{} belongs to no room of ARCHITECTURE.md", file.display());
    }
}

#[test]
fn the_map_names_what_lies_around() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for entry in fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let hidden = name.starts_with('.') || name == "src" || name == "target" || name == "shared";
        if entry.path().is_dir() && !hidden {
            assert!(map.contains(&format!("| `{name}/` |")), "ARCHITECTURE.md does not tell what {name}/ holds");
        }
    }
}

#[test]
fn no_file_is_a_heap() {
    for file in ["src", "training/src", "benches"].into_iter().flat_map(rust_files) {
        let lines = fs::read_to_string(root().join(&file)).unwrap().lines().count();
        assert!(lines <= LONGEST_FILE_LINES, "{} has {lines} lines; {LONGEST_FILE_LINES} at most", file.display());
    }
}

#[test]
fn the_reader_of_imports_reads() {
    let code = "use crate::{choice_param, plan::{A, B}, dsp::fir};\nlet x = crate::render::run; use super::super::chain::X; notcrate::job;";
    assert_eq!(first_names(code, "crate::"), ["choice_param", "plan", "dsp", "render"]);
    let names = looks_at(Path::new("src/dsp/fir.rs"), code);
    for name in ["params", "plan", "dsp", "render", "chain"] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    assert!(!looks_at(Path::new("src/dsp/fir/window.rs"), "use super::super::gain::X;").contains(&"chain".to_owned()));
}
