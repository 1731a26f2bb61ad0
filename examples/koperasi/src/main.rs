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
        // The reader has seen enough, as in `koperasi … | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads complaints either, there is nothing left to do.
            let _ = writeln!(io::stderr(), "koperasi: could not write the SQL: {error}");
            ExitCode::FAILURE
        }
    }
}
