# What CI runs is `just check`.

# All checks
check: fmt lint test doc licences

# Formatting
fmt:
    cargo fmt --all --check

# Lints are errors, with and without the command line
lint:
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --package automaster --lib --no-default-features -- -D warnings

# All tests; tests/docs.rs among them checks the generated pages
test:
    cargo test --workspace

# Documentation without a broken link
doc:
    RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --package automaster --no-deps --lib --document-private-items

# Licences and advisories, where cargo-deny is installed
licences:
    @if command -v cargo-deny >/dev/null; then cargo deny check licenses bans sources; else echo "cargo-deny is not installed: licences are not checked"; fi

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

# The Python package: a wheel in a clean virtual environment, and its tests
python *profile:
    scripts/python.sh {{profile}}
