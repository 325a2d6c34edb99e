//! What to answer when ssh asks.
//!
//! Owns the rules, without any socket or terminal: which question is about a host key and is never answered yes, which
//! answer is already known, when an answer was wrong, when to give up.

use std::collections::HashMap;

/// How often the same question of the same ssh is put to a person.
const TRIES: usize = 3;

/// What kind of question ssh says it is, in `SSH_ASKPASS_PROMPT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// A secret is wanted.
    Secret,
    /// Yes or no.
    Confirm,
    /// Nothing is wanted; a person is to do something, for example touch a key.
    Notice,
}

impl Hint {
    /// From the value of `SSH_ASKPASS_PROMPT`.
    pub(crate) fn from_ssh(value: &str) -> Self {
        match value {
            "confirm" => Self::Confirm,
            "none" => Self::Notice,
            _ => Self::Secret,
        }
    }
}

/// Answers that stand in the recipe, for one host.
#[derive(Clone, Default)]
pub(crate) struct Known {
    pub(crate) password: Option<String>,
    pub(crate) passphrase: Option<String>,
}

/// A question one ssh has asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The words of ssh.
    pub prompt: String,
    /// Whether somebody answered.
    pub answered: bool,
}

/// What one start of ssh has asked so far.
#[derive(Default)]
pub(crate) struct Memory {
    /// Every question, the host key's included.
    pub(crate) asked: Vec<Asked>,
    /// Per question: how often it came, and the number of the last shared answer it got.
    seen: HashMap<String, (usize, u64)>,
}

/// Answers of a person, shared by all hosts.
#[derive(Default)]
pub(crate) struct Shared {
    answers: HashMap<String, (u64, Option<String>)>,
    last: u64,
}

/// What to do about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Give this answer.
    Answer(String),
    /// Give none, without asking.
    Decline,
    /// Put it to a person.
    Ask,
}

/// Whether ssh wants to know if a host key may be trusted.
pub(crate) fn is_host_key_question(prompt: &str) -> bool {
    prompt.contains("authenticity of host")
        || prompt.contains("(yes/no/[fingerprint])")
        || prompt.contains("Please type 'yes'")
}

/// What to do about a question, and takes note of it.
pub(crate) fn decide(prompt: &str, known: &Known, memory: &mut Memory, shared: &Shared) -> Move {
    if is_host_key_question(prompt) {
        return Move::Answer("no".to_owned());
    }
    let seen = memory.seen.entry(prompt.to_owned()).or_default();
    seen.0 += 1;
    if seen.0 == 1
        && let Some(answer) = from_recipe(prompt, known)
    {
        return Move::Answer(answer);
    }
    if seen.0 > TRIES {
        return Move::Decline;
    }
    match shared.answers.get(prompt) {
        // An answer this ssh has had already was wrong; one given since for another host may be right.
        Some((number, answer)) if *number > seen.1 => {
            seen.1 = *number;
            answer.clone().map_or(Move::Decline, Move::Answer)
        }
        _ => Move::Ask,
    }
}

/// Takes note of what a person answered.
pub(crate) fn remember(prompt: &str, answer: Option<String>, memory: &mut Memory, shared: &mut Shared) {
    shared.last += 1;
    shared.answers.insert(prompt.to_owned(), (shared.last, answer));
    memory.seen.entry(prompt.to_owned()).or_default().1 = shared.last;
}

/// The password or passphrase of the recipe, if that is what is wanted. The words are OpenSSH's; a server that asks by
/// keyboard-interactive chooses its own, of which `Password:` is the usual one.
fn from_recipe(prompt: &str, known: &Known) -> Option<String> {
    let lower = prompt.to_lowercase();
    if lower.contains("passphrase for") {
        return known.passphrase.clone();
    }
    if lower.trim_end().ends_with("password:") {
        return known.password.clone();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "Enter passphrase for key '/home/me/.ssh/id_ed25519': ";

    fn answer(text: &str) -> Move {
        Move::Answer(text.to_owned())
    }

    #[test]
    fn a_host_key_is_never_accepted() {
        let (known, mut memory, shared) = (Known::default(), Memory::default(), Shared::default());
        let prompt = "The authenticity of host 'web1 (10.0.0.1)' can't be established.\nED25519 key fingerprint is SHA256:x.\n\
                      Are you sure you want to continue connecting (yes/no/[fingerprint])? ";
        for prompt in [prompt, prompt, "Please type 'yes', 'no' or the fingerprint: "] {
            assert_eq!(decide(prompt, &known, &mut memory, &shared), answer("no"));
        }
    }

    #[test]
    fn what_the_recipe_knows_is_answered_once() {
        let known = Known { password: Some("pw".into()), passphrase: Some("pp".into()) };
        let (mut memory, shared) = (Memory::default(), Shared::default());
        assert_eq!(decide(KEY, &known, &mut memory, &shared), answer("pp"));
        assert_eq!(decide("deploy@web1's password: ", &known, &mut memory, &shared), answer("pw"));
        assert_eq!(decide("(deploy@web1) Password: ", &known, &mut memory, &shared), answer("pw"));
        assert_eq!(decide("(deploy@web1) Verification code: ", &known, &mut memory, &shared), Move::Ask);
        assert_eq!(decide(KEY, &known, &mut memory, &shared), Move::Ask, "the passphrase of the recipe was wrong");
    }

    #[test]
    fn one_answer_serves_all_hosts() {
        let (known, mut shared) = (Known::default(), Shared::default());
        let (mut web1, mut web2) = (Memory::default(), Memory::default());
        assert_eq!(decide(KEY, &known, &mut web1, &shared), Move::Ask);
        remember(KEY, Some("pp".into()), &mut web1, &mut shared);
        assert_eq!(decide(KEY, &known, &mut web2, &shared), answer("pp"));
    }

    #[test]
    fn a_wrong_answer_is_asked_again_once_for_all_and_not_for_ever() {
        let (known, mut shared) = (Known::default(), Shared::default());
        let (mut web1, mut web2) = (Memory::default(), Memory::default());
        assert_eq!(decide(KEY, &known, &mut web1, &shared), Move::Ask);
        remember(KEY, Some("wrong".into()), &mut web1, &mut shared);
        assert_eq!(decide(KEY, &known, &mut web2, &shared), answer("wrong"));
        assert_eq!(decide(KEY, &known, &mut web1, &shared), Move::Ask);
        remember(KEY, Some("right".into()), &mut web1, &mut shared);
        assert_eq!(decide(KEY, &known, &mut web2, &shared), answer("right"), "web2 needs nobody");
        assert_eq!(decide(KEY, &known, &mut web1, &shared), Move::Ask);
        remember(KEY, Some("worse".into()), &mut web1, &mut shared);
        assert_eq!(decide(KEY, &known, &mut web1, &shared), Move::Decline);
    }

    #[test]
    fn who_declines_is_not_asked_for_the_next_host() {
        let (known, mut shared) = (Known::default(), Shared::default());
        let (mut web1, mut web2) = (Memory::default(), Memory::default());
        assert_eq!(decide(KEY, &known, &mut web1, &shared), Move::Ask);
        remember(KEY, None, &mut web1, &mut shared);
        assert_eq!(decide(KEY, &known, &mut web2, &shared), Move::Decline);
    }

    #[test]
    fn hints_are_sshs_own() {
        assert_eq!(Hint::from_ssh("confirm"), Hint::Confirm);
        assert_eq!(Hint::from_ssh("none"), Hint::Notice);
        assert_eq!(Hint::from_ssh(""), Hint::Secret);
    }
}
