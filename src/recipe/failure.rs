//! Our errors inside Rhai: raised by host functions, caught by `try { … } catch (e) { … }`.
//!
//! Owns the value `e` and its properties. What an uncaught one looks like is `recipe::diagnose`'s business.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, Position};

use crate::error::{Error, Kind};

/// An [`Error`] as a Rhai value.
#[derive(Clone, Debug)]
pub struct Failure(Arc<Error>);

impl Failure {
    /// The value of an error.
    #[must_use]
    pub fn new(error: Error) -> Self {
        Self(Arc::new(error))
    }

    /// The error inside.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0
    }
}

/// What a recipe may ask of it behind the dot.
pub const PROPERTIES: &[&str] =
    &["kind", "message", "host", "command", "status", "signal", "stdout", "stderr", "causes"];

/// Raises an error in the running script. `exit` cannot be caught, it is a wish and no failure; nor can a cancel, which
/// a recipe that tries everything would otherwise turn into success.
#[must_use]
pub fn raise(error: Error, position: Position) -> Box<EvalAltResult> {
    let is_final = matches!(error.kind(), Kind::Exit(_) | Kind::Cancelled);
    let value = Dynamic::from(Failure(Arc::new(error)));
    Box::new(if is_final {
        EvalAltResult::ErrorTerminated(value, position)
    } else {
        EvalAltResult::ErrorRuntime(value, position)
    })
}

/// Registers the type and what a recipe may ask of it.
pub fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Failure>("error")
        .register_get("kind", |e: &mut Failure| e.0.kind().name().to_owned())
        .register_get("message", |e: &mut Failure| e.0.to_string())
        .register_get("host", |e: &mut Failure| text_or_unit(e.0.parts().host.clone()))
        .register_get("command", |e: &mut Failure| text_or_unit(e.0.parts().command.as_ref().map(|c| c.line.clone())))
        .register_get("status", |e: &mut Failure| {
            e.0.parts()
                .command
                .as_ref()
                .and_then(|c| c.status)
                .map_or(Dynamic::UNIT, |status| Dynamic::from(i64::from(status)))
        })
        .register_get("signal", |e: &mut Failure| {
            text_or_unit(e.0.parts().command.as_ref().and_then(|c| c.signal.clone()))
        })
        .register_get("stdout", |e: &mut Failure| text_or_unit(e.0.parts().command.as_ref().map(|c| c.stdout.clone())))
        .register_get("stderr", |e: &mut Failure| text_or_unit(e.0.parts().command.as_ref().map(|c| c.stderr.clone())))
        .register_get("causes", |e: &mut Failure| -> Array {
            e.0.parts().causes.iter().map(|cause| Dynamic::from(Failure(Arc::new(cause.clone())))).collect()
        })
        .register_fn("to_string", |e: &mut Failure| e.0.to_string())
        .register_fn("to_debug", |e: &mut Failure| format!("{}: {}", e.0.kind().name(), e.0));
}

fn text_or_unit(text: Option<String>) -> Dynamic {
    text.map_or(Dynamic::UNIT, Dynamic::from)
}
