//! A compiled file as the rules of `check` look at it: its functions and closures, what each calls, and with which words.
//!
//! Made once a file. Owns the way from Rhai's nodes to that; rules know nothing of nodes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rhai::{AST, ASTNode, Expr, FnCallExpr, Module, Position, Stmt};

use crate::place::Place;
use crate::recipe::check::known::{Arg, Known};
use crate::recipe::check::outline_words::{is_name_of_a_setting, words_in};
use crate::recipe::check::usage::{Usage, is_taken, usage};
use crate::recipe::closures::{closure, is_conditional};
use crate::recipe::position::place_of;

/// Functions whose first argument names a setting that they give a value.
pub const SETTERS: &[&str] = &["set", "set_if_empty", "append", "remove", "ask"];

/// A file.
#[derive(Debug)]
pub struct Outline {
    /// Its path as it is shown.
    pub file: Arc<str>,
    /// What stands at its top, its functions and its closures.
    pub bodies: Vec<Body>,
    /// Every text and key written out in it, but for the names that [`SETTERS`] are given.
    pub words: BTreeSet<String>,
    /// Texts with a `${` or `#{` in them that is no more than text.
    pub texts: Vec<(Position, String)>,
    /// Names of all its variables.
    pub variables: BTreeSet<String>,
    /// Paths and names given to `import`; none for one that is worked out.
    pub imports: Vec<Option<String>>,
    /// Which body each closure stands in, by the name of its function.
    within: HashMap<String, usize>,
    /// Which function each closure is given to, by the name of its own.
    takers: HashMap<String, String>,
}

/// What stands at the top of a file, in a function, or in a closure.
#[derive(Debug)]
pub struct Body {
    /// Name of the function; none at the top. That of a closure begins with `anon$`.
    pub function: Option<String>,
    /// Its parameters; of a closure the variables it captures first.
    pub parameters: Vec<String>,
    /// Its calls, in order.
    pub calls: Vec<CallSite>,
    /// What its variables are given, in order.
    pub given: Vec<(String, Known)>,
}

/// A call.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct CallSite {
    /// Name of the function.
    pub name: String,
    /// What it is given; of a method without what stands before the dot.
    pub args: Vec<Arg>,
    /// Where it stands.
    pub position: Position,
    /// Whether it stands behind a dot.
    pub is_method: bool,
    /// Whether it is an operator.
    pub is_operator: bool,
    /// What becomes of its value.
    pub usage: Usage,
    /// Whether its value goes somewhere.
    pub is_taken: bool,
    /// Whether it stands in a branch or a loop, so that it may not be reached.
    pub is_conditional: bool,
}

impl CallSite {
    /// The first argument, where it is a text as it is.
    #[must_use]
    pub fn first_text(&self) -> Option<&str> {
        self.args.first()?.text()
    }
}

impl Outline {
    /// Looks into a file.
    #[must_use]
    pub fn of(file: &str, ast: &AST) -> Self {
        let mut outline = Self {
            file: file.into(),
            bodies: Vec::new(),
            words: BTreeSet::new(),
            texts: Vec::new(),
            variables: BTreeSet::new(),
            imports: Vec::new(),
            within: HashMap::new(),
            takers: HashMap::new(),
        };
        outline.body(None, Vec::new(), &ast.clone_statements_only());
        for definition in ast.iter_fn_def() {
            // The body of a function cannot be reached by itself, but a script with no more than that can be walked.
            let mut alone = Module::new();
            alone.set_script_fn(definition.clone());
            let parameters: Vec<String> = definition.params.iter().map(ToString::to_string).collect();
            outline.variables.extend(parameters.iter().cloned());
            outline.body(Some(definition.name.to_string()), parameters, &AST::new([], alone));
        }
        outline
    }

    /// A place in it.
    #[must_use]
    pub fn place(&self, position: Position) -> Option<Place> {
        place_of(Some(&self.file), position)
    }

    /// All calls, with the body each stands in.
    pub fn calls(&self) -> impl Iterator<Item = (&Body, &CallSite)> {
        self.bodies.iter().flat_map(|body| body.calls.iter().map(move |call| (body, call)))
    }

    /// The bodies around a body, itself first: those of the closures it stands in.
    pub fn around<'a>(&'a self, body: &'a Body) -> impl Iterator<Item = &'a Body> {
        let outer = |body: &&'a Body| self.within.get(body.function.as_deref()?).map(|outer| &self.bodies[*outer]);
        std::iter::successors(Some(body), outer)
    }

    /// The function that a body is given to as a closure, for example `on`.
    #[must_use]
    pub fn taker(&self, body: &Body) -> Option<&str> {
        self.takers.get(body.function.as_deref()?).map(String::as_str)
    }

    fn body(&mut self, function: Option<String>, parameters: Vec<String>, ast: &AST) {
        let (number, mut body) =
            (self.bodies.len(), Body { function, parameters, calls: Vec::new(), given: Vec::new() });
        ast.walk(&mut |path: &[ASTNode]| {
            self.visit(number, path, &mut body);
            true
        });
        self.bodies.push(body);
    }

    fn visit(&mut self, number: usize, path: &[ASTNode], body: &mut Body) {
        match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position))) => {
                self.call(call, *position, false, path, body);
            }
            Some(ASTNode::Expr(Expr::MethodCall(call, position))) => self.call(call, *position, true, path, body),
            Some(ASTNode::Stmt(Stmt::Var(variable, ..))) => {
                self.variables.insert(variable.0.name.to_string());
                body.given.push((variable.0.name.to_string(), Arg::of(&variable.1).value));
            }
            Some(ASTNode::Stmt(Stmt::For(variables, _))) => {
                self.variables.insert(variables.0.name.to_string());
            }
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => {
                if let Expr::Variable(variable, ..) = &assignment.1.lhs {
                    body.given.push((variable.1.to_string(), Arg::of(&assignment.1.rhs).value));
                }
            }
            Some(ASTNode::Stmt(Stmt::Import(import, _))) => {
                self.imports.push(Arg::of(&import.0).text().map(str::to_owned));
            }
            Some(ASTNode::Expr(Expr::StringConstant(text, position))) => {
                self.text(text, *position);
                if !is_name_of_a_setting(path) {
                    self.words.insert(text.to_string());
                }
            }
            Some(ASTNode::Expr(Expr::Property(property, _))) => {
                self.words.insert(property.2.to_string());
            }
            Some(ASTNode::Expr(Expr::Map(map, _))) => {
                self.words.extend(map.0.iter().map(|(key, _)| key.name.to_string()));
            }
            Some(ASTNode::Expr(Expr::DynamicConstant(value, position))) => {
                let mut words = BTreeSet::new();
                words_in(value, &mut words);
                for word in &words {
                    self.text(word, *position);
                }
                self.words.extend(words);
            }
            _ => {}
        }
        if let Some(ASTNode::Expr(expression)) = path.last()
            && let Some((function, _)) = closure(expression)
        {
            self.within.entry(function).or_insert(number);
        }
    }

    fn text(&mut self, text: &str, position: Position) {
        if text.contains("${") || text.contains("#{") {
            self.texts.push((position, text.to_owned()));
        }
    }

    fn call(&mut self, call: &FnCallExpr, position: Position, is_method: bool, path: &[ASTNode], body: &mut Body) {
        if !call.namespace.is_empty() {
            // Of a file that is imported: no function of ours, but it is named.
            self.words.insert(call.name.to_string());
            return;
        }
        let args: Vec<Arg> = call.args.iter().map(Arg::of).collect();
        for argument in &args {
            if let Known::Closure(function, _) = &argument.value {
                // A closure that uses variables around it is also given to Rhai's own `curry`, which is met later.
                self.takers.entry(function.clone()).or_insert_with(|| call.name.to_string());
            }
        }
        body.calls.push(CallSite {
            name: call.name.to_string(),
            args,
            position,
            is_method,
            is_operator: call.op_token.is_some(),
            usage: usage(path),
            is_taken: is_taken(path),
            is_conditional: is_conditional(path),
        });
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::Outline;

    /// The outline of a text.
    pub fn outline(text: &str) -> Outline {
        let mut engine = rhai::Engine::new();
        engine.set_optimization_level(rhai::OptimizationLevel::Simple);
        Outline::of("a.rhai", &engine.compile(text).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::testing::outline;

    #[test]
    fn every_call_stands_in_its_body() {
        let outline = outline("f(1);\nfn g() { h(); }\nt(\"x\", || { let a = 1; on(2, |b| { c(a, b); }); });");
        let calls: Vec<(bool, &str)> = outline
            .calls()
            .filter(|(_, call)| call.name != "curry")
            .map(|(body, call)| (body.function.is_some(), call.name.as_str()))
            .collect();
        assert_eq!(calls.iter().filter(|(inside, _)| !inside).map(|(_, name)| *name).collect::<Vec<_>>(), ["f", "t"]);
        let mut inside: Vec<&str> = calls.iter().filter(|(inside, _)| *inside).map(|(_, name)| *name).collect();
        inside.sort_unstable();
        assert_eq!(inside, ["c", "h", "on"]);
        let (innermost, _) = outline.calls().find(|(_, call)| call.name == "c").unwrap();
        let around: Vec<bool> = outline.around(innermost).map(|body| body.function.is_some()).collect();
        assert_eq!(around, [true, true, false], "the block, the task, the top");
        let takers: Vec<Option<&str>> = outline.around(innermost).map(|body| outline.taker(body)).collect();
        assert_eq!(takers, [Some("on"), Some("t"), None]);
    }

    #[test]
    fn what_variables_are_given_is_kept_with_their_body() {
        let outline = outline("let a = fetch(\"x\"); f(|| { let b = a + \"c\"; b = 1; b });");
        let given: Vec<(bool, &str)> = outline
            .bodies
            .iter()
            .flat_map(|body| body.given.iter().map(|(name, _)| (body.function.is_some(), name.as_str())))
            .collect();
        assert_eq!(given, [(false, "a"), (true, "b"), (true, "b")]);
    }

    #[test]
    fn names_that_are_set_are_no_words() {
        let outline =
            outline("set(\"a\", \"b\"); fetch(\"c\"); let m = #{ d: 1, e: [f()] }; append(\"g\", \"h\"); m.i");
        for word in ["b", "c", "d", "e", "h", "i"] {
            assert!(outline.words.contains(word), "{word} in {:?}", outline.words);
        }
        assert!(!outline.words.contains("a") && !outline.words.contains("g"));
    }

    #[test]
    fn imports_are_seen_wherever_they_stand() {
        let outline = outline("import \"a\" as a; f(|| { import \"b\" as b; b::c() }); import \"c\" + d() as e;");
        assert_eq!(outline.imports, [Some("a".to_owned()), None, Some("b".to_owned())]);
    }
}
