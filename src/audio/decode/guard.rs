//! The fence around third-party parsers: a panic on hostile bytes becomes an error of this file, not the end of a batch.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `call`; `None` where it panicked. What `call` was changing must not be used again after that.
pub(in crate::audio) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
