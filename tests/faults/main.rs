//! Faults from outside: full and read-only disks, missing rights, signals at any moment, files that change or vanish, two programs
//! at one name, models that are missing or damaged, pipes, odd names. Whatever happens, nothing is lost, nothing is half written,
//! the message says what is wrong and the exit code is the right one.
//!
//! `AUTOMASTER_KILLS=200` for as many signals; `AUTOMASTER_BLESS=1 … -- --ignored the_table` tries everything and writes
//! `docs/faults.md`. What a machine does not allow (mounting, other users) is skipped aloud.
#![cfg(unix)]
#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

#[path = "../sounds/mod.rs"]
mod sounds;

mod bench;
mod disk;
mod inputs;
mod models;
mod names;
mod outputs;
mod signals;

use bench::Row;

/// A fault: the function that tries it and says what came of it.
type Fault = fn() -> Row;

/// Every fault that is tried: a line of the table, and a test.
macro_rules! faults {
    ($($module:ident::$name:ident),+ $(,)?) => {
        const FAULTS: &[Fault] = &[$($module::$name),+];

        mod every {
            $(mod $name {
                #[test]
                fn loses_nothing() {
                    let row = crate::$module::$name();
                    assert!(row.tried > 0 || row.outcome.starts_with("skipped"), "{row:?}");
                }
            })+
        }
    };
}

faults!(
    disk::full,
    disk::full_file,
    disk::full_temporary,
    disk::read_only,
    disk::no_permission_to_write,
    disk::no_permission_to_read,
    disk::no_temporary_folder,
    disk::no_home,
    signals::interrupted,
    signals::terminated,
    signals::killed,
    signals::killed_while_overwriting,
    inputs::changed,
    inputs::removed,
    inputs::piped,
    inputs::damaged,
    outputs::is_an_input,
    outputs::two_programs,
    outputs::taken_meanwhile,
    models::missing_or_damaged,
    names::odd,
);

/// Writes the table of all faults. Takes minutes.
#[test]
#[ignore = "tries every fault again, to write docs/faults.md"]
fn the_table() {
    let rows: Vec<Row> = FAULTS.iter().map(|fault| fault()).collect();
    bench::write_table(&rows);
}
