//! The program `automaster-faults`: see the library's `faults`.

fn main() -> anyhow::Result<()> {
    automaster_training::faults::run()
}
