//! How many rows fit into memory at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// Memory that a job is reckoned to take. Audio goes through files, so length hardly counts; models and excerpts do, and excerpts
/// grow with the rate. Largest resident size that was measured: 42 MiB for 4 minutes and 54 for 2 hours at 44.1 kHz, 87 with the genre
/// recognised, 128 for 4 minutes at 192 kHz. A half is added.
const BASE_BYTES: u64 = 120 << 20;
const BYTES_PER_HZ: u64 = 400;
/// The rate of a mix that does not tell its own before it is read.
const UNTOLD_HZ: u32 = 96_000;

/// What a job takes whose mix has this sample rate, in bytes.
pub(super) fn needed_bytes(sample_rate_hz: Option<u32>) -> u64 {
    BASE_BYTES + BYTES_PER_HZ * u64::from(sample_rate_hz.unwrap_or(UNTOLD_HZ))
}

/// Memory that this process may take, in bytes: what the system has free, and what the container it runs in is allowed.
/// None where neither is told.
pub fn available_bytes() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let number = |path: &str| read(path)?.trim().parse::<u64>().ok();
    let free = read("/proc/meminfo").and_then(|text| meminfo_available(&text));
    let allowed = [
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ]
    .into_iter()
    .find_map(|(most, used)| Some(number(most)?.saturating_sub(number(used)?)));
    free.into_iter().chain(allowed).min()
}

fn meminfo_available(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

/// Lets jobs in as long as they fit; one is always let in.
#[derive(Debug)]
pub(super) struct Gate {
    most_bytes: u64,
    taken: Mutex<(u64, usize)>,
    freed: Condvar,
}

impl Gate {
    /// A gate to this much memory.
    pub(super) fn new(most_bytes: Option<u64>) -> Self {
        Self { most_bytes: most_bytes.unwrap_or(u64::MAX), taken: Mutex::new((0, 0)), freed: Condvar::new() }
    }

    /// Waits until `bytes` are free.
    pub(super) fn enter(&self, bytes: u64) -> Inside<'_> {
        let full = |(taken, jobs): &mut (u64, usize)| *jobs > 0 && taken.saturating_add(bytes) > self.most_bytes;
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.freed.wait_while(taken, full).unwrap_or_else(PoisonError::into_inner);
        *taken = (taken.0 + bytes, taken.1 + 1);
        Inside { gate: self, bytes }
    }
}

/// A job that was let in; its memory is free again when this goes.
pub(super) struct Inside<'a> {
    gate: &'a Gate,
    bytes: u64,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut taken = self.gate.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = (taken.0 - self.bytes, taken.1 - 1);
        self.gate.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn only_what_fits_is_inside_and_one_always_is() {
        for (most, expected) in [(100, 1), (50, 1), (20, 1), (250, 2), (1000, 4)] {
            let (gate, inside, largest) = (Gate::new(Some(most)), AtomicUsize::new(0), AtomicUsize::new(0));
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let _in = gate.enter(100);
                        largest.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(std::time::Duration::from_millis(30));
                        inside.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            });
            assert!(largest.into_inner() <= expected, "{most}");
        }
    }

    #[test]
    fn the_systems_word_is_understood() {
        assert_eq!(meminfo_available("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"), Some(2 << 20));
        assert_eq!(meminfo_available("MemTotal: 9 kB\n"), None);
    }
}
