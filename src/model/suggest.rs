//! Did you mean.

use strsim::damerau_levenshtein;

/// A remedy such as ``did you mean `deploy`?`` where one of the candidates is close to `name`.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let limit = name.chars().count().div_ceil(3).min(3);
    candidates
        .into_iter()
        .map(|candidate| (damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_close_is_suggested() {
        assert_eq!(did_you_mean("delpoy", ["check", "deploy"]).as_deref(), Some("did you mean `deploy`?"));
        assert_eq!(did_you_mean("backup", ["check", "deploy"]), None);
    }
}
