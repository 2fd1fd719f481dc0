//! Evaluation and, later, training.
fn main() {}
