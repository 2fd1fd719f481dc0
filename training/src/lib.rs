//! How automaster is judged and taught. `training/README.md` has the recipes.

pub mod eval;
pub mod explain;
pub mod faults;
pub mod genre;
pub mod learn;

mod cases;
mod corpus;
mod metrics;
mod own;
mod peak;
mod report;
mod rng;
mod score;
mod sound;
mod systems;
mod unmaster;
mod work;
