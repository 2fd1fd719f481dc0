//! Pages that are generated are up to date, and README and help tell the truth. `AUTOMASTER_BLESS=1` rewrites the pages.

use std::path::PathBuf;
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn automaster(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_automaster")).args(args).output().unwrap();
    assert!(output.status.success(), "automaster {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares a page with what the program prints, or rewrites it.
fn page(name: &str, args: &[&str]) {
    let path = root().join("docs").join(name);
    let made = automaster(args);
    if std::env::var_os("AUTOMASTER_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = kept.lines().zip(made.lines()).position(|(a, b)| a != b);
    assert!(
        kept == made,
        "docs/{name} is out of date (first at line {differs:?}): run AUTOMASTER_BLESS=1 cargo test --test docs"
    );
}

#[test]
fn parameters_page() {
    page("parameters.md", &["params", "--markdown"]);
}

#[test]
fn features_page() {
    page("features.md", &["features", "--markdown"]);
}

#[test]
fn command_line_page() {
    page("cli.md", &["man", "--markdown"]);
}

#[test]
fn words_page() {
    page("words.md", &["words", "--markdown"]);
}

#[test]
fn check_page() {
    page("check.md", &["checks", "--markdown"]);
}

#[test]
fn report_schema_page() {
    page("report.schema.json", &["report-schema"]);
}

#[test]
fn json_tables_hold_every_row() {
    let params: serde_json::Value = serde_json::from_str(&automaster(&["params", "--json"])).unwrap();
    assert_eq!(params["params"].as_array().unwrap().len(), automaster::chain::registry().len());
    let features: serde_json::Value = serde_json::from_str(&automaster(&["features", "--json"])).unwrap();
    assert_eq!(features["features"].as_array().unwrap().len(), automaster::analysis::features().len());
    assert!(
        features["features"].as_array().unwrap().iter().all(|f| f["tolerance"].is_null() || f["tolerance"].as_f64() > Some(0.0))
    );
}

#[test]
fn readme_names_every_exit_code_command_and_place() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (code, _) in automaster::error::exit::TABLE {
        assert!(readme.contains(&format!("| {code} |")), "README does not explain exit code {code}");
    }
    for place in automaster::target::delivery::profiles() {
        assert!(readme.contains(&format!("`{}`", place.name)), "README does not name --for {}", place.name);
    }
    for command in [
        "suggest",
        "batch",
        "render",
        "analyze",
        "check",
        "deliver",
        "checks",
        "compare",
        "params",
        "features",
        "review",
        "revise",
        "words",
        "report-schema",
        "completions",
        "man",
    ] {
        assert!(readme.contains(&format!("automaster {command}")), "README does not name automaster {command}");
    }
}

/// The commands that README shows are commands that the program takes.
#[test]
fn readme_shows_options_that_exist() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let help = automaster(&["man", "--markdown"]);
    let is_option =
        |word: &&str| word.starts_with("--") && word.len() > 2 && word[2..].chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let shown = readme.lines().filter(|line| line.contains("automaster ") || line.starts_with("| `--"));
    let options: Vec<&str> = shown.flat_map(|l| l.split([' ', '`', ',', '=', '(', ')'])).filter(is_option).collect();
    assert!(options.len() > 15, "{options:?}");
    for option in options.into_iter().filter(|o| !["--release", "--workspace", "--path"].contains(o)) {
        assert!(help.contains(option), "README shows {option}, which does not exist");
    }
}

/// README's example is the one that the library's documentation holds, which is compiled.
#[test]
fn the_readme_shows_the_librarys_own_example() {
    let read = |file: &str| std::fs::read_to_string(root().join(file)).unwrap();
    let readme = read("README.md");
    let example = readme.split("```rust,no_run\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let comment = |line: &str| if line.is_empty() { "//!\n".to_owned() } else { format!("//! {line}\n") };
    let documented: String = example.lines().map(comment).collect();
    assert!(read("src/lib.rs").contains(&documented), "the example in README.md differs from that in src/lib.rs");
}
