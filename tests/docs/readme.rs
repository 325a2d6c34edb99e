//! The README taken apart: fenced blocks, sections between marks, rows of tables.

use std::fs;
use std::path::PathBuf;

/// Set to rewrite the generated sections instead of comparing them.
const UPDATE: &str = "UPDATE_README";

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is written in.
    pub language: String,
    /// Its text.
    pub text: String,
    /// The line of the README its text begins on.
    pub line: usize,
}

/// The README of this repository.
pub fn text() -> String {
    fs::read_to_string(path()).expect("the README can be read")
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// Every fenced block of one language, in order.
pub fn blocks(language: &str) -> Vec<Block> {
    blocks_of(&text()).into_iter().filter(|block| block.language == language).collect()
}

/// Every fenced block of a text, in order.
pub fn blocks_of(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => {
                open = Some(Block { language: language.to_owned(), text: String::new(), line: number + 2 });
            }
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert_eq!(open, None, "a block of the README is not closed");
    blocks
}

/// What stands between `<!-- NAME -->` and `<!-- /NAME -->`, without the line ends beside the marks.
pub fn section(name: &str) -> String {
    let text = text();
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).expect("the README has the mark of the section");
    let (section, _) = rest.split_once(&format!("\n<!-- /{name} -->")).expect("the section is closed");
    section.to_owned()
}

/// Fails when a section is not what it has to be; with `UPDATE_README=1` it is written instead.
pub fn check_section(name: &str, expected: &str) {
    let found = section(name);
    if found == expected {
        return;
    }
    if std::env::var_os(UPDATE).is_some() {
        let mark = format!("<!-- {name} -->\n");
        let new = text().replacen(&format!("{mark}{found}"), &format!("{mark}{expected}"), 1);
        fs::write(path(), new).expect("the README can be written");
        return;
    }
    let stale: Vec<&str> = found.lines().filter(|line| !expected.lines().any(|other| other == *line)).collect();
    let missing: Vec<&str> = expected.lines().filter(|line| !found.lines().any(|other| other == *line)).collect();
    panic!(
        "section `{name}` of the README is stale; {UPDATE}=1 writes it anew\nno longer so:\n{}\nmissing:\n{}",
        stale.join("\n"),
        missing.join("\n")
    );
}

/// The cells of the rows of a table, without its heading.
pub fn rows(table: &str) -> Vec<Vec<String>> {
    table.lines().filter(|line| line.starts_with('|')).skip(2).map(cells).collect()
}

fn cells(row: &str) -> Vec<String> {
    let inner = row.trim().trim_start_matches('|').trim_end_matches('|');
    let cells = inner.replace("\\|", "\u{0}");
    cells.split('|').map(|cell| cell.replace('\u{0}', "|").trim().to_owned()).collect()
}

/// What stands in backticks, in order.
pub fn code_spans(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_text_is_taken_apart() {
    let text = "a\n```rhai\nset(\"a\", 1);\n\n```\n```sh\nls\n```\n";
    let block = |language: &str, text: &str, line| Block { language: language.into(), text: text.into(), line };
    assert_eq!(blocks_of(text), [block("rhai", "set(\"a\", 1);\n\n", 3), block("sh", "ls\n", 7)]);
    assert_eq!(rows("| a | b |\n|---|---|\n| `x \\| y` | |\n"), [["`x | y`", ""]]);
    assert_eq!(code_spans("a `b` c `d e`"), ["b", "d e"]);
}
