//! The program: parses, calls the library's verbs, prints, and ends with a code that says how it went.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
