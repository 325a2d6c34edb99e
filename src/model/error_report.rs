//! An error as the JSON reporter writes it: its field names are public.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::error::{Error, FailedCommand};

/// An [`Error`] that serializes.
#[derive(Clone, Debug)]
pub struct ErrorReport(pub Error);

impl Serialize for ErrorReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = self.0.parts();
        let mut map = serializer.serialize_struct("Error", 9)?;
        map.serialize_field("kind", parts.kind.name())?;
        map.serialize_field("message", &parts.message)?;
        map.serialize_field("place", &parts.place)?;
        map.serialize_field("trace", &parts.trace.iter().map(|step| &step.label).collect::<Vec<_>>())?;
        map.serialize_field("host", &parts.host)?;
        map.serialize_field("command", &parts.command.as_ref().map(CommandReport))?;
        map.serialize_field("help", &parts.help)?;
        map.serialize_field("notes", &parts.notes)?;
        map.serialize_field("causes", &parts.causes.iter().cloned().map(ErrorReport).collect::<Vec<_>>())?;
        map.end()
    }
}

struct CommandReport<'a>(&'a FailedCommand);

impl Serialize for CommandReport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Command", 5)?;
        map.serialize_field("line", &self.0.line)?;
        map.serialize_field("status", &self.0.status)?;
        map.serialize_field("signal", &self.0.signal)?;
        map.serialize_field("stdout", &self.0.stdout)?;
        map.serialize_field("stderr", &self.0.stderr)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn errors_keep_their_fields_apart() {
        let command = FailedCommand { line: "false".into(), status: Some(1), ..FailedCommand::default() };
        let error = Error::new(Kind::Command, "`false` ended with status 1").on("web1").command(command).help("look");
        let json = serde_json::to_value(ErrorReport(error)).unwrap();
        assert_eq!(json["kind"], "command");
        assert_eq!(json["host"], "web1");
        assert_eq!(json["command"]["status"], 1);
        assert_eq!(json["help"][0], "look");
    }
}
