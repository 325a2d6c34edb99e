//! Whether services belong to a user or to the machine.

use crate::error::Error;
use crate::model::suggest::did_you_mean;

/// Whose services they are: setting `service_unit_user`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A user's: run by that user's own manager, which takes lingering.
    #[default]
    User,
    /// The machine's: run by the system manager, which takes root to change.
    System,
}

impl Mode {
    /// As it stands in recipes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::System => "system",
        }
    }

    /// Reads a setting; `what` says which.
    ///
    /// # Errors
    /// Anything else than the two words. The name of a user is what people most often write there
    /// (capistrano-puma #327), so the message says where that belongs.
    pub fn parse(text: &str, what: &str) -> Result<Self, Error> {
        match text.trim_start_matches(':') {
            "user" => Ok(Self::User),
            "system" => Ok(Self::System),
            _ => Err(Error::recipe(format!("{what} is `{text}`, but has to be \"user\" or \"system\""))
                .maybe_help(did_you_mean(text, ["user", "system"]))
                .help("it says whether a service belongs to a user or to the machine")
                .help(format!(
                    "if `{text}` is meant to be the user who runs it: `set(\"service_user\", \"{text}\")`, or that of one \
                     service, as `sidekiq_user`"
                ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_and_the_symbols_of_ruby() {
        assert_eq!(Mode::parse("user", "x").unwrap(), Mode::User);
        assert_eq!(Mode::parse(":system", "x").unwrap(), Mode::System);
    }

    #[test]
    fn the_name_of_a_user_is_told_where_it_belongs() {
        let error = Mode::parse("deploy", "setting `sidekiq_systemctl_user`").unwrap_err();
        assert_eq!(
            error.to_string(),
            "setting `sidekiq_systemctl_user` is `deploy`, but has to be \"user\" or \"system\""
        );
        assert!(error.parts().help[1].contains("set(\"service_user\", \"deploy\")"));
        assert_eq!(Mode::parse("usr", "x").unwrap_err().parts().help[0], "did you mean `user`?");
    }
}
