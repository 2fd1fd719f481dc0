//! The program from outside: what it writes, what it refuses, with which code it ends, and what it leaves behind.

mod genres;
mod masters;
mod refusals;
mod runs;
#[path = "../sounds/mod.rs"]
mod sounds;
