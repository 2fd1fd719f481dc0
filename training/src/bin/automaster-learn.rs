//! The program `automaster-learn`: see the library's `learn`.

fn main() -> anyhow::Result<()> {
    automaster_training::learn::run()
}
