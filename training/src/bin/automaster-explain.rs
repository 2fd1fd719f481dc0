//! The program `automaster-explain`: see the library's `explain`.

fn main() -> anyhow::Result<()> {
    automaster_training::explain::run()
}
