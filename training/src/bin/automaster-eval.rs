//! The program `automaster-eval`: see the library's `eval`.

fn main() -> anyhow::Result<()> {
    automaster_training::eval::run()
}
