//! What everything here is built of, held to `deny.toml`: its licences, one version of each crate, crates.io alone. Of the whole workspace with
//! all features on all platforms where Cargo has all of it (`cargo fetch --locked`), else of what a build on this machine takes.

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A crate of the graph.
struct Crate {
    name: String,
    version: String,
    licence: Option<String>,
    source: Option<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What Cargo says of the graph, without the network.
fn metadata(options: &[&str]) -> Option<Value> {
    let fixed = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let told = Command::new(env!("CARGO")).args(fixed).args(options).current_dir(root()).output().unwrap();
    told.status.success().then(|| serde_json::from_slice(&told.stdout).unwrap())
}

/// The crates that are built, by name and version.
fn crates() -> Vec<Crate> {
    let host = Command::new("rustc").args(["-vV"]).output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let graph = metadata(&["--all-features"]).or_else(|| metadata(&["--filter-platform", host]));
    let graph = graph.expect("Cargo tells what this build was made of");
    let nodes: BTreeSet<&str> = graph["resolve"]["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
    let text = |package: &Value, field: &str| package[field].as_str().map(str::to_owned);
    let built = graph["packages"].as_array().unwrap().iter().filter(|p| nodes.contains(p["id"].as_str().unwrap()));
    let of = |p: &Value| Crate {
        name: text(p, "name").unwrap(),
        version: text(p, "version").unwrap(),
        licence: text(p, "license"),
        source: text(p, "source"),
    };
    built.map(of).collect()
}

fn rules() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

fn licensees(names: &toml::Value) -> Vec<Licensee> {
    let parsed = |name: &toml::Value| Licensee::parse_mode(name.as_str().unwrap(), ParseMode::LAX).unwrap();
    names.as_array().unwrap().iter().map(parsed).collect()
}

/// Whether a licence's terms can be met with what is allowed.
fn is_allowed(licence: &str, allowed: &[Licensee]) -> bool {
    let terms = Expression::parse_mode(licence, ParseMode::LAX).unwrap_or_else(|error| panic!("{licence}: {error}"));
    terms.evaluate(|term| allowed.iter().any(|licensee| licensee.satisfies(term)))
}

#[test]
fn every_licence_is_one_that_is_allowed() {
    let rules = rules();
    let licences = &rules["licenses"];
    let allowed = licensees(&licences["allow"]);
    let exceptions: BTreeMap<&str, Vec<Licensee>> = licences["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|exception| (exception["crate"].as_str().unwrap(), licensees(&exception["allow"])))
        .collect();
    let crates = crates();
    assert!(crates.len() > 150, "{} crates are too few to be all", crates.len());
    let fits = |built: &&Crate| {
        let Some(licence) = &built.licence else { return false };
        is_allowed(licence, &allowed) || exceptions.get(built.name.as_str()).is_some_and(|own| is_allowed(licence, own))
    };
    let wrong: Vec<_> = crates.iter().filter(|built| !fits(built)).map(|b| (&b.name, &b.version, &b.licence)).collect();
    assert!(wrong.is_empty(), "neither allowed nor excepted in deny.toml: {wrong:?}");
    assert!(!is_allowed("GPL-3.0-only", &allowed) && !is_allowed("MIT AND GPL-2.0-only", &allowed), "this check can fail");
}

#[test]
fn everything_comes_from_crates_io_or_from_here() {
    let crates = crates();
    let foreign: Vec<_> = crates.iter().filter(|b| b.source.as_deref().is_some_and(|s| s != CRATES_IO)).collect();
    assert!(foreign.is_empty(), "{:?}", foreign.iter().map(|b| (&b.name, &b.source)).collect::<Vec<_>>());
    let here: BTreeSet<&str> = crates.iter().filter(|b| b.source.is_none()).map(|b| b.name.as_str()).collect();
    assert_eq!(here, BTreeSet::from(["automaster", "automaster-python", "automaster-training"]));
}

#[test]
fn two_versions_of_a_crate_are_named_with_who_keeps_the_older() {
    let rules = rules();
    let skips = rules["bans"]["skip"].as_array().unwrap();
    let skipped = |built: &Crate| {
        skips.iter().any(|skip| {
            let (name, version) = skip["crate"].as_str().unwrap().split_once('@').unwrap();
            name == built.name && built.version.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    assert!(skips.iter().all(|skip| !skip["reason"].as_str().unwrap().is_empty()));
    let mut kept: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for built in crates().into_iter().filter(|built| !skipped(built)) {
        kept.entry(built.name).or_default().insert(built.version);
    }
    let twice: Vec<_> = kept.iter().filter(|(_, versions)| versions.len() > 1).collect();
    assert!(twice.is_empty(), "in two versions, and not in deny.toml's skip: {twice:?}");
}
