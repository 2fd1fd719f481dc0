//! The program `automaster-genre`: see the library's `genre`.

fn main() -> anyhow::Result<()> {
    automaster_training::genre::run()
}
