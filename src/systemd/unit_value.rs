//! How values stand in the file of a unit: systemd.syntax(7), and "Specifiers" of systemd.unit(5).

use crate::error::Error;

/// A variable as `Environment=` reads it: one word in double quotes. `"`, `\` and `%` mean something there and are
/// written so that they do not; `$` means nothing.
///
/// # Errors
/// A name that no variable can have, and a value with a line end or NUL, which `systemctl show` and the files of
/// `EnvironmentFile=` cannot carry.
pub fn environment(name: &str, value: &str) -> Result<String, Error> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(letters) || name.as_bytes()[0].is_ascii_digit() {
        return Err(Error::recipe(format!("`{}` cannot be the name of an environment variable", name.escape_debug()))
            .help("names are letters, digits and `_`, and do not begin with a digit"));
    }
    if value.contains(['\n', '\r', '\0']) {
        return Err(Error::recipe(format!("variable `{name}` has a value of several lines, which no unit can carry"))
            .help("put it into a file of the host, and name that in `service_unit_env_files`")
            .help("or pass it in one line, for example in base64"));
    }
    Ok(format!("\"{name}={}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%")))
}

/// Refuses a line that would not stay one, and so become a setting of its own; `what` says what it is.
///
/// # Errors
/// A line end, or a `\` at the end, which joins it with the next line.
pub fn check_line(what: &str, text: &str) -> Result<(), Error> {
    if text.contains(['\n', '\r', '\0']) {
        return Err(Error::recipe(format!("{what} has a line end, and stands in one line of a unit"))
            .help("for several lines give a list"));
    }
    if text.ends_with('\\') {
        return Err(Error::recipe(format!("{what} ends with `\\`, which joins it with the next line of a unit")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_systemd_is_written_so_that_it_does_not() {
        assert_eq!(environment("A", "b c").unwrap(), "\"A=b c\"");
        assert_eq!(environment("URL", r#"x"y%z\$HOME"#).unwrap(), r#""URL=x\"y%%z\\$HOME""#);
        assert_eq!(environment("A", "").unwrap(), "\"A=\"");
    }

    #[test]
    fn what_no_unit_can_carry_is_refused() {
        assert_eq!(
            environment("KEY", "a\nb").unwrap_err().to_string(),
            "variable `KEY` has a value of several lines, which no unit can carry"
        );
        assert!(environment("A-B", "x").is_err() && environment("1A", "x").is_err() && environment("", "x").is_err());
        assert!(check_line("`sidekiq_command`", "a\nUser=root").is_err());
        assert!(check_line("`sidekiq_command`", "a \\").is_err());
        assert!(check_line("`sidekiq_command`", "a 'b c'").is_ok());
    }
}
