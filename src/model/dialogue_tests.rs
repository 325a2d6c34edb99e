use proptest::prelude::*;

use super::*;

fn dialogue(prompts: &[&str]) -> Dialogue {
    Dialogue::new(prompts.iter().map(|text| Prompt::read(text).unwrap()).collect())
}

/// What is asked when these pieces come, as numbers and lines.
fn asked(prompts: &[&str], pieces: &[&str]) -> Vec<(usize, String)> {
    let mut dialogue = dialogue(prompts);
    let asked = pieces.iter().flat_map(|piece| dialogue.hear(Stream::Stdout, piece.as_bytes()));
    asked.map(|asked| (asked.prompt, asked.line)).collect()
}

fn numbers(prompts: &[&str], pieces: &[&str]) -> Vec<usize> {
    asked(prompts, pieces).into_iter().map(|(number, _)| number).collect()
}

#[test]
fn a_prompt_is_found_without_a_line_end_and_across_pieces() {
    assert_eq!(asked(&["Password:"], &["Hello\nPassword: "]), [(0, "Password:".to_owned())]);
    assert_eq!(numbers(&["Password:"], &["Pass", "word", ":", " "]), [0]);
    assert_eq!(numbers(&["Password:"], &["Passwort:", "password:"]), [0; 0]);
}

#[test]
fn a_prompt_comes_as_often_as_it_is_printed() {
    assert_eq!(numbers(&["a?", "b?"], &["a? b? a?", " a", "?"]), [0, 1, 0, 0]);
}

#[test]
fn a_regular_expression_is_found_as_soon_as_it_is_complete() {
    let line = "Really continue? [y/N] ".to_owned();
    assert_eq!(asked(&[r"/continue\? \[y.N\] /"], &["All is well.\nReally con", "tinue? [y/N] "]), [(0, line)]);
    assert_eq!(numbers(&["/(?i)PASSWORD.*:/"], &["password for bob: "]), [0]);
    assert_eq!(numbers(&["/^Name:/"], &["Your Name:\n", "Name:"]), [0]);
    assert_eq!(numbers(&["/token .+:/", "word:"], &["token x: word: y:"]), [0, 1]);
}

#[test]
fn the_end_of_a_line_is_the_end_of_what_has_come() {
    assert_eq!(numbers(&["/: $/"], &["Note: done\nName: "]), [0]);
    assert_eq!(asked(&["/: $/"], &["Note: done\nName: "])[0].1, "Name: ");
    assert_eq!(numbers(&["/: $/"], &["Note: done\n"]), [0; 0]);
}

#[test]
fn of_two_that_end_together_the_longer_one_counts() {
    assert_eq!(numbers(&["word:", "New password:"], &["New password: password:"]), [1, 0]);
    assert_eq!(numbers(&["New password:", "word:"], &["New password: password:"]), [0, 1]);
}

#[test]
fn the_streams_are_apart() {
    let mut dialogue = dialogue(&["Password:"]);
    assert!(dialogue.hear(Stream::Stdout, b"Pass").is_empty());
    assert!(dialogue.hear(Stream::Stderr, b"word:").is_empty());
    assert_eq!(dialogue.hear(Stream::Stdout, b"word:").len(), 1);
}

#[test]
fn a_line_that_is_not_text_is_looked_at_all_the_same() {
    let mut dialogue = dialogue(&["/é.?:/"]);
    assert!(dialogue.hear(Stream::Stdout, b"\xff\xfe \xc3").is_empty());
    assert_eq!(dialogue.hear(Stream::Stdout, b"\xa9: ")[0].line, "\u{fffd}\u{fffd} é:");
}

#[test]
fn memory_is_bounded_and_a_prompt_behind_much_output_is_found() {
    let mut dialogue = dialogue(&["Password:", "/^go on.*:/"]);
    for _ in 0..100 {
        assert!(dialogue.hear(Stream::Stdout, &[b'x'; 10_000]).is_empty());
        assert!(dialogue.streams[0].bytes.len() <= 2 * BLOCK + 1);
    }
    // No line begins where the rest was dropped.
    assert!(dialogue.hear(Stream::Stdout, b"go on:").is_empty());
    assert_eq!(dialogue.hear(Stream::Stdout, b"Password:").len(), 1);
}

#[test]
fn what_cannot_be_a_prompt_is_refused() {
    let refused = |text: &str| Prompt::read(text).unwrap_err();
    assert!(refused("/a(/").to_string().starts_with("prompt `/a(/` is not a regular expression: unclosed group"));
    for text in ["", "/x*/", "//", "/^/"] {
        assert!(refused(text).to_string().contains("is found in anything"), "{text}");
    }
    assert_eq!(refused("/pass word/i").parts().help, ["flags stand inside: `/(?i)pass word/`"]);
    for text in ["/", "/etc/passwd:", "a/b/i", "yes/no"] {
        assert!(matches!(Prompt::read(text).unwrap().what, What::Text), "{text}");
    }
}

#[test]
fn what_is_asked_for_ever_is_answered_a_few_times() {
    let mut dialogue = dialogue(&["Password:", "Continue?"]);
    for _ in 0..MOST_SECRET {
        dialogue.count(0, true).unwrap();
    }
    assert_eq!(
        dialogue.count(0, true).unwrap_err().to_string(),
        "`Password:` was answered 3 times, and is asked again"
    );
    for _ in 0..MOST {
        dialogue.count(1, false).unwrap();
    }
    let error = dialogue.count(1, false).unwrap_err();
    assert_eq!(error.to_string(), "`Continue?` was answered 100 times, and is asked again");
}

/// Splits bytes at these places.
fn split<'a>(bytes: &'a [u8], at: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = at.iter().map(|index| index.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

const PROMPTS: &[&str] =
    &["Password:", "word:", "a?", "/[yn]+\\?/", "/^Name.*:/", "/ü.{0,9}:/", "two\nlines", "/(?s)on.*two/", "::"];

proptest! {
    #[test]
    fn in_whatever_pieces_it_comes_the_same_is_asked(
        prompts in prop::sample::subsequence(PROMPTS.to_vec(), 1..=PROMPTS.len()),
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(PROMPTS.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
            "(Password|word|Na|me|:|a|\\?|y|n|two|\n|on|ü|Name| ){0,6}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..4),
            (0usize..3000).prop_map(|length| vec![b'x'; length]),
        ], 0..8),
        at in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = parts.concat();
        let whole = dialogue(&prompts).hear(Stream::Stdout, &bytes);
        let mut dialogue = dialogue(&prompts);
        let asked: Vec<Asked> =
            split(&bytes, &at).into_iter().flat_map(|piece| dialogue.hear(Stream::Stdout, piece)).collect();
        prop_assert_eq!(asked, whole);
    }

    #[test]
    fn every_prompt_that_stands_there_is_asked(words in prop::collection::vec("[a-z \n]{0,9}", 1..20)) {
        let text = words.join("Password:");
        prop_assert_eq!(dialogue(&["Password:"]).hear(Stream::Stdout, text.as_bytes()).len(), words.len() - 1);
    }
}
