//! The review page's server from outside: whom it answers, whom it refuses, what it survives. What its previews sound like is
//! in `tests/preview.rs`.
#![cfg(feature = "review")]

mod begun;
mod desk;
#[cfg(feature = "program")]
mod program;
mod refused;
mod served;
