//! The program: parses, calls the library, turns an error into an exit code.

use std::process::ExitCode;

use windlass::transport::askpass;

fn main() -> ExitCode {
    if std::env::var_os(askpass::SOCKET_VARIABLE).is_some() {
        return askpass::client(&std::env::args().nth(1).unwrap_or_default()).into();
    }
    ExitCode::SUCCESS
}
