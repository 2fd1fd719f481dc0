# What CI runs is `just check`.

# All checks
check: fmt lint test doc licences

# Formatting
fmt:
    cargo fmt --all --check

# Lints are errors, with and without the command line; object stores compile, and so does the program without C codecs; the fuzzers' lock file fits
lint:
    cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo clippy --locked --package automaster --lib --no-default-features -- -D warnings
    cargo check --locked --package automaster --lib --features cloud
    cargo check --locked --package automaster --bin automaster --no-default-features --features program,onnx,review

# All tests; tests/docs.rs among them checks the generated pages
test:
    cargo test --locked --workspace

# Documentation without a broken link; of all packages, so that what `lint` has checked is not checked again with other features
doc:
    RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --locked --workspace --no-deps --lib --document-private-items

# Licences, versions and sources once more by cargo-deny, where it is installed; tests/supply.rs holds them always; advisories need its database
licences:
    @if command -v cargo-deny >/dev/null; then cargo deny --workspace check licenses bans sources; else echo "cargo-deny is not installed: tests/supply.rs alone holds licences, versions and sources"; fi

# A list of everything that a build is made of (CycloneDX), as automaster.cdx.json
sbom:
    @command -v cargo-cyclonedx >/dev/null || { echo "needs cargo-cyclonedx: cargo install cargo-cyclonedx --locked" >&2; exit 1; }
    cargo cyclonedx --format json --all-features

# Every fault from outside, 200 signals among them; writes docs/faults.md
faults:
    AUTOMASTER_KILLS=200 AUTOMASTER_BLESS=1 cargo test --locked --test faults -- --ignored the_table

# Every fuzzer for so many seconds: 3600 is an hour each
fuzz seconds="60":
    fuzz/run.sh {{seconds}}

# Rewrites the generated pages
bless:
    AUTOMASTER_BLESS=1 cargo test --test docs

# The review page in a headless Chromium; ends with 75 (skipped, loudly) where there is none
browser:
    cargo build
    cd tests/browser && npm ci --silent && node review.mjs

# Benches
bench:
    cargo bench

# Instructions of three jobs against benches/instructions.txt; skipped, loudly, where they cannot be counted
instructions:
    @benches/instructions.sh || [ $? -eq 75 ]

# The Python package: a wheel in a clean virtual environment, and its tests; ends with 75 (not tested, loudly) where Python has no venv
python *profile:
    scripts/python.sh {{profile}}
