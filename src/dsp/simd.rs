//! The widest vectors that the processor has, asked once, for loops that are worth it.
//!
//! The program is built for any processor of its family; a loop that runs through [`widest`] is compiled again for AVX2 and for
//! AVX-512 (by the `pulp` crate, without `unsafe` here) and takes that where it is. Nothing is reordered or fused on the way, so all give
//! the same samples: `AUTOMASTER_SIMD=off` has the narrow ones taken, and a test holds masters of both equal.

use pulp::Arch;
use std::sync::LazyLock;

static ARCH: LazyLock<Arch> = LazyLock::new(|| {
    let off = std::env::var_os("AUTOMASTER_SIMD").is_some_and(|value| value == "off");
    if off { Arch::Scalar } else { Arch::new() }
});

/// Runs `work`, compiled for the widest vectors there are. What it calls is so too where it is inlined.
#[inline(always)]
pub fn widest<R>(work: impl FnOnce() -> R) -> R {
    ARCH.dispatch(work)
}
