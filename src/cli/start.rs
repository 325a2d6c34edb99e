//! From the process's arguments to its exit code.

use std::env;
use std::thread;

use clap::Parser;

use crate::cli::args::{Call, Command, Top, When};
use crate::cli::refused::refused;
use crate::cli::{check, colors, complete, completions, definitions, demo, docs, echo, init, man, output, run, trace};
use crate::error::{EXIT_FAILED, Error};
use crate::recipe::engine::STACK;
use crate::transport::askpass;

/// Runs the program; gives its exit code.
#[must_use]
pub fn start() -> u8 {
    // ssh starts this same program to ask for passwords.
    if env::var_os(askpass::SOCKET_VARIABLE).is_some() {
        return askpass::client(&env::args().nth(1).unwrap_or_default());
    }
    trace::install();
    let words: Vec<String> = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let top = match Top::try_parse() {
        Ok(top) => top,
        Err(refusal) => {
            let error = refused(&refusal, &words);
            output::complain(&error, colors::err_color(When::Auto, None));
            return error.exit_code();
        }
    };
    let color = colors::err_color(top.options.color, None);
    let work = move || match top.command {
        Some(Command::Init(args)) => init::init(&top.options, &args),
        Some(Command::Check(args)) => check::check(&top.options, &args),
        Some(Command::Demo(args)) => demo::demo(&top.options, args),
        Some(Command::Docs(args)) => docs::docs(&args),
        Some(Command::Man) => man::man(),
        Some(Command::Definitions(args)) => definitions::definitions(args.into.as_deref()),
        Some(Command::Completions(args)) => completions::completions(args.shell),
        Some(Command::Complete(args)) => Ok(complete::complete(&top.options, args)),
        Some(Command::Stage(_) | Command::Script(_) | Command::Console(_)) | None => {
            // Parsed again as a whole, because options may also stand after the stage.
            run::run(&Call::try_parse().map_err(|refusal| refused(&refusal, &words))?)
        }
    };
    let outcome =
        thread::Builder::new().name("recipes".to_owned()).stack_size(STACK).spawn(work).map(thread::JoinHandle::join);
    // A question may still be open.
    echo::restore();
    match outcome {
        Ok(Ok(Ok(code))) => code,
        Ok(Ok(Err(error))) => {
            output::complain(&error, color);
            error.exit_code()
        }
        // The panic has printed itself.
        Ok(Err(_)) => EXIT_FAILED,
        Err(error) => {
            output::complain(
                &Error::io("could not start a thread for", &env::current_exe().unwrap_or_default(), &error),
                color,
            );
            EXIT_FAILED
        }
    }
}
