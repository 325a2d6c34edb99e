//! Takes out of output what differs from run to run: folders, times, durations, release names, ports, process numbers.

use std::sync::LazyLock;

use regex::Regex;

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        (r"(?m)^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z \d+ ", "[time] "),
        (r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", "[time]"),
        (r"(?m)^\d{2}:\d{2} ", "00:00 "),
        (r"\b\d+\.\d{3}s\b", "0.000s"),
        (r"\b(after|in) \d+\.\ds\b", "$1 0.0s"),
        (r"\b20\d{12}\b", "[release]"),
        (r"\b(127\.\d+\.\d+\.\d+|localhost):\d{4,5}\b", "$1:[port]"),
        (r"\b[0-9a-f]{40}\b", "[commit]"),
    ];
    rules.map(|(pattern, with)| (Regex::new(pattern).expect("the rules are sound"), with)).into()
});

static STOCK_PLACE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(stdlib/\w+\.rhai):\d+:\d+").expect("the rule is sound"));

/// The text without what differs from run to run; `top` is the folder of the scene.
pub fn clean(text: &str, top: &str) -> String {
    let text = text.replace(top, "[top]");
    let text = RULES.iter().fold(text, |text, (pattern, with)| pattern.replace_all(&text, *with).into_owned());
    without_stock_lines(&text)
}

/// Line numbers of the stock recipes as `n`: a message stays the same when a recipe gains a line above it.
fn without_stock_lines(text: &str) -> String {
    let mut in_stock = false;
    let line = |line: &str| {
        let gutter = line
            .trim_start()
            .split_once(" |")
            .filter(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
        if line.contains("--> ") {
            in_stock = line.contains("--> stdlib/");
        }
        match gutter {
            Some((number, _)) if in_stock => line.replacen(number, &"n".repeat(number.len()), 1),
            _ => STOCK_PLACE.replace_all(line, "$1:n").into_owned(),
        }
    };
    text.lines().map(line).map(|line| line + "\n").collect()
}

#[test]
fn what_differs_is_replaced() {
    let text = "00:12 t 01 web1 ✔ 0.332s\n/tmp/scene-x/project at 20261122093936 on 127.0.0.1:40022 in 1.2s";
    assert_eq!(
        clean(text, "/tmp/scene-x"),
        "00:00 t 01 web1 ✔ 0.000s\n[top]/project at [release] on 127.0.0.1:[port] in 0.0s\n"
    );
    let text = "   --> stdlib/git.rhai:110:5\n110 | on(1)\n --> config/deploy.rhai:2:1\n  |\n2 | a |\n";
    let expected = "   --> stdlib/git.rhai:n\nnnn | on(1)\n --> config/deploy.rhai:2:1\n  |\n2 | a |\n";
    assert_eq!(clean(text, "/tmp/scene-x"), expected);
}
