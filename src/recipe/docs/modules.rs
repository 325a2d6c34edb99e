//! Pages of stock recipes: what stands in their `//!` and `///`.

use crate::recipe::docs::layout::{heading, rows, wrapped};
use crate::recipe::docs::tasks::{self, StockTask};
use crate::recipe::stdlib::{GUIDES, MODULES};

/// What a stock recipe says about itself.
#[must_use]
pub fn about(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.starts_with("//!"));
    lines
        .map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A function of a stock recipe with what stands above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// How it is called: `service(name, options)`.
    pub signature: String,
    /// What it does.
    pub about: String,
}

/// The functions that are explained.
#[must_use]
pub fn functions(text: &str) -> Vec<Function> {
    let (mut found, mut about) = (Vec::new(), Vec::new());
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("///") {
            about.push(comment.trim());
            continue;
        }
        let signature = line.strip_prefix("fn ").and_then(|line| line.split_once(" {")).map(|(signature, _)| signature);
        if let Some(signature) = signature.filter(|_| !about.is_empty()) {
            found.push(Function { signature: signature.to_owned(), about: about.join(" ") });
        }
        about.clear();
    }
    found
}

/// Everything about a stock recipe.
#[must_use]
pub fn page(name: &str, text: &str, all: &[StockTask]) -> String {
    let mut page = heading(name, "stock recipe") + &format!("    require(\"{name}\");\n\n{}\n", about(text));
    let own: Vec<&StockTask> = all.iter().filter(|task| task.module() == Some(name)).collect();
    if !own.is_empty() {
        let row = |task: &&StockTask| (task.signature.clone(), task.about.clone());
        page.push_str(&format!("\nIts tasks:\n\n{}", rows(&own.iter().map(row).collect::<Vec<_>>())));
    }
    let functions = functions(text);
    if !functions.is_empty() {
        page.push_str("\nIts functions:\n");
        for function in functions {
            page.push_str(&format!("\n  {}\n{}", function.signature, wrapped(&function.about, "      ")));
        }
    }
    if GUIDES.iter().any(|(guide, _)| *guide == name) {
        page.push_str("\nIts guide stands below.\n");
    }
    page
}

/// All of them, each with its first line.
#[must_use]
pub fn list() -> String {
    let row = |(name, text): &(&'static str, &str)| (*name, about(text).lines().next().unwrap_or_default().to_owned());
    format!("Stock recipes, for require(\"name\")\n\n{}", rows(&MODULES.iter().map(row).collect::<Vec<_>>()))
}

/// The tasks of all stock recipes.
#[must_use]
pub fn list_of_tasks() -> String {
    let all = tasks::all();
    let row = |task: &StockTask| (task.signature.clone(), task.about.clone());
    format!("Tasks of the stock recipes\n\n{}", rows(&all.iter().map(row).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_is_taken() {
        let text = "//! One.\n//!\n//!     two();\n\n/// Adds.\n/// Twice.\nfn add(a, b) {\n}\n\nfn silent() {\n}\n/// Lost.\n\nfn x() {}\n";
        assert_eq!(about(text), "One.\n\n    two();");
        assert_eq!(functions(text), [Function { signature: "add(a, b)".into(), about: "Adds. Twice.".into() }]);
    }

    #[test]
    fn every_stock_recipe_says_what_it_is() {
        for (name, text) in MODULES {
            assert!(about(text).len() > 20, "{name}");
        }
    }
}
