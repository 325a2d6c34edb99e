//! What is known of an argument before anything runs.

use rhai::{Array, Dynamic, Expr, FnCallExpr, ImmutableString, Map, Position, Stmt};

use crate::recipe::closures::closure;

/// An argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Where it stands.
    pub position: Position,
    /// What is known of it.
    pub value: Known,
}

/// What is known of a value before anything runs.
#[derive(Clone, Debug)]
pub enum Known {
    /// A text, as it is.
    Text(String),
    /// A text with something put in.
    Parts {
        /// What is written out of it.
        written: Vec<String>,
        /// What is put in.
        put_in: Vec<Known>,
    },
    /// A whole number.
    Number(i64),
    /// Another number.
    Decimal(f64),
    /// A truth value.
    Truth(bool),
    /// `()`.
    Nothing,
    /// A list.
    List(Vec<Arg>),
    /// A map.
    Map(Vec<(String, Arg)>),
    /// A closure: its function and how many variables it captures.
    Closure(String, usize),
    /// A call, by name, with its first argument where that is a text.
    Call(String, Option<String>),
    /// What `raw(…)` makes of this.
    Raw(Box<Known>),
    /// A variable.
    Variable(String),
    /// What an operator makes of these.
    Made(Vec<Known>),
    /// Nothing.
    Unknown,
}

impl Arg {
    /// The text, where it is one as it is.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Known::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of it: its own, or those of a list. None where it is anything else as well.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<(&str, Position)>> {
        match &self.value {
            Known::Text(text) => Some(vec![(text, self.position)]),
            Known::List(items) => items.iter().map(Self::texts).collect::<Option<Vec<_>>>().map(|lists| lists.concat()),
            _ => None,
        }
    }

    /// Looks at an argument.
    #[must_use]
    pub fn of(expression: &Expr) -> Self {
        Self { position: expression.position(), value: Known::of(expression) }
    }
}

impl Known {
    fn of(expression: &Expr) -> Self {
        if let Some((function, captured)) = closure(expression) {
            return Self::Closure(function, captured);
        }
        match expression {
            Expr::StringConstant(text, _) => Self::Text(text.to_string()),
            Expr::InterpolatedString(parts, _) => Self::put_together(parts),
            Expr::CharConstant(letter, _) => Self::Text(letter.to_string()),
            Expr::IntegerConstant(number, _) => Self::Number(*number),
            Expr::FloatConstant(number, _) => Self::Decimal(**number),
            Expr::BoolConstant(truth, _) => Self::Truth(*truth),
            Expr::Unit(_) => Self::Nothing,
            Expr::Array(items, _) => Self::List(items.iter().map(Arg::of).collect()),
            Expr::Map(map, _) => {
                Self::Map(map.0.iter().map(|(key, value)| (key.name.to_string(), Arg::of(value))).collect())
            }
            Expr::DynamicConstant(value, position) => Self::of_value(value, *position),
            Expr::FnCall(call, _) if call.op_token.is_none() => Self::called(call),
            Expr::FnCall(call, _) => Self::Made(call.args.iter().map(Self::of).collect()),
            Expr::Coalesce(parts, _) => Self::Made(parts.iter().map(Self::of).collect()),
            Expr::Variable(variable, ..) => Self::Variable(variable.1.to_string()),
            // What stands in braces, as in `${…}`, and is one expression.
            Expr::Stmt(block) => match block.statements() {
                [Stmt::Expr(only)] => Self::of(only),
                [Stmt::FnCall(call, _)] => Self::called(call),
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    fn put_together(parts: &[Expr]) -> Self {
        let (mut written, mut put_in) = (Vec::new(), Vec::new());
        for part in parts {
            match Self::of(part) {
                Self::Text(text) => written.push(text),
                other => put_in.push(other),
            }
        }
        Self::Parts { written, put_in }
    }

    fn called(call: &FnCallExpr) -> Self {
        if let ("raw", [only]) = (call.name.as_str(), &call.args[..]) {
            return Self::Raw(Box::new(Self::of(only)));
        }
        let first = call.args.first().and_then(|first| match first {
            Expr::StringConstant(text, _) => Some(text.to_string()),
            _ => None,
        });
        Self::Call(call.name.to_string(), first)
    }

    /// A list or map that is written out whole.
    fn of_value(value: &Dynamic, position: Position) -> Self {
        let arg = |value: &Dynamic| Arg { position, value: Self::of_value(value, position) };
        if let Some(text) = value.read_lock::<ImmutableString>() {
            Self::Text(text.to_string())
        } else if let Ok(letter) = value.as_char() {
            Self::Text(letter.to_string())
        } else if let Ok(number) = value.as_int() {
            Self::Number(number)
        } else if let Ok(number) = value.as_float() {
            Self::Decimal(number)
        } else if let Ok(truth) = value.as_bool() {
            Self::Truth(truth)
        } else if value.is_unit() {
            Self::Nothing
        } else if let Some(items) = value.read_lock::<Array>() {
            Self::List(items.iter().map(arg).collect())
        } else if let Some(map) = value.read_lock::<Map>() {
            Self::Map(map.iter().map(|(key, value)| (key.to_string(), arg(value))).collect())
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::recipe::check::outline::testing::outline;

    #[test]
    fn what_is_made_of_others_says_of_which() {
        let outline = outline("let a = 1; f(a, fetch(\"b\") + \"c\", fetch(\"d\") ?? a, raw(`e${a}`), 1.5, 'g');");
        let (_, call) = outline.calls().find(|(_, call)| call.name == "f").unwrap();
        let told: Vec<String> = call.args.iter().map(|arg| format!("{:?}", arg.value)).collect();
        assert_eq!(told[0], "Variable(\"a\")");
        assert_eq!(told[1], "Made([Call(\"fetch\", Some(\"b\")), Text(\"c\")])");
        assert_eq!(told[2], "Made([Call(\"fetch\", Some(\"d\")), Variable(\"a\")])");
        assert_eq!(told[3], "Raw(Parts { written: [\"e\"], put_in: [Variable(\"a\")] })");
        assert_eq!(told[4..], ["Decimal(1.5)", "Text(\"g\")"]);
    }

    #[test]
    fn what_is_written_out_is_known() {
        let outline =
            outline("f(\"a\", [\"b\", 1], #{ c: x(\"y\"), d: true }, `e${1 + n()}f${fetch(\"g\")}`, || 1, ());");
        let (_, call) = outline.calls().find(|(_, call)| call.name == "f").unwrap();
        let told: Vec<String> = call.args.iter().map(|arg| format!("{:?}", arg.value)).collect();
        assert_eq!(told[0], "Text(\"a\")");
        assert!(told[1].starts_with("List([") && told[2].contains("Call(\"x\", Some(\"y\"))"), "{told:?}");
        assert!(told[3].starts_with("Parts { written: [\"e\", \"f\"], put_in: [Made("), "{told:?}");
        assert!(told[3].ends_with("Call(\"fetch\", Some(\"g\"))] }"), "{told:?}");
        assert!(told[4].starts_with("Closure(\"anon$") && told[5] == "Nothing", "{told:?}");
    }
}
