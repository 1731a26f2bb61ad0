//! Standard output and standard error, whose readers may go at any time.
//!
//! `println!` and `eprintln!` panic then, so our programs print with [`outln!`](crate::outln) and its
//! siblings: a reader that has seen enough, as in `kai-worker init | head`, changes nothing about what
//! a command does and how it ends.

use std::fmt;
use std::io::{self, Write};
use std::sync::OnceLock;

/// What else went wrong with standard output, first.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints to standard output.
#[macro_export]
macro_rules! out {
    ($($argument:tt)*) => { $crate::output::print(::std::format_args!($($argument)*)) };
}

/// Prints a line to standard output.
#[macro_export]
macro_rules! outln {
    () => { $crate::output::print(::std::format_args!("\n")) };
    ($($argument:tt)*) => {
        $crate::output::print(::std::format_args!("{}\n", ::std::format_args!($($argument)*)))
    };
}

/// Prints to standard error.
#[macro_export]
macro_rules! err {
    ($($argument:tt)*) => { $crate::output::complain(::std::format_args!($($argument)*)) };
}

/// Prints a line to standard error.
#[macro_export]
macro_rules! errln {
    () => { $crate::output::complain(::std::format_args!("\n")) };
    ($($argument:tt)*) => {
        $crate::output::complain(::std::format_args!("{}\n", ::std::format_args!($($argument)*)))
    };
}

/// Prints to standard output; [`check`] tells what was lost.
pub fn print(text: fmt::Arguments<'_>) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // One reason is enough.
        let _ = LOST.set(error);
    }
}

/// Prints to standard error. Where that fails, nobody is left to be told.
pub fn complain(text: fmt::Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(text);
}

/// Whether all that was printed has arrived, or its reader wanted no more of it; for commands whose
/// output is what they are for.
///
/// # Errors
/// Why it has not, such as a disk that is full.
pub fn check() -> Result<(), &'static io::Error> {
    LOST.get().map_or(Ok(()), Err)
}
