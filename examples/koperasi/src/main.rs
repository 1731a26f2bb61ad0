//! `koperasi`: writes the sample database to standard output as SQL.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use koperasi::Dialect;

/// Writes the sample database "koperasi" to standard output as SQL.
#[derive(Parser)]
#[command(name = "koperasi", version)]
struct Cli {
    /// The database that will read the SQL.
    #[arg(long, value_enum)]
    dialect: Dialect,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match io::stdout().write_all(koperasi::sql(cli.dialect).as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The reader went away, as in `koperasi … | head`: nothing to write to, nothing to do.
            if error.kind() != io::ErrorKind::BrokenPipe {
                eprintln!("koperasi: could not write the SQL: {error}");
            }
            ExitCode::FAILURE
        }
    }
}
