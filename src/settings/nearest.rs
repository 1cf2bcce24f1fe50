//! The valid name that a wrong one was probably meant to be.

use strsim::damerau_levenshtein;

/// The candidate that differs least from `name`, if it differs little enough to be a slip of the hand: by one edit,
/// or by no more than a third of its letters. Case, `_` and `-` make no difference.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_lowercase().replace('_', "-");
    let wanted = fold(name);
    candidates
        .into_iter()
        .map(|candidate| (damerau_levenshtein(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to do about an invalid name, as a sentence: the nearest valid one, or all of them.
pub(super) fn suggest(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(found) => format!("did you mean `{found}`?"),
        None if candidates.is_empty() => "leave it out".to_owned(),
        None => format!("valid here: {}", list(candidates)),
    }
}

/// Names as a list for a sentence: "`a`, `b`".
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_of_the_hand_only() {
        let names = ["site", "mode", "default-organization"];
        assert_eq!(nearest("stie", names), Some("site"));
        assert_eq!(nearest("SITE", names), Some("site"));
        assert_eq!(
            nearest("default_organisation", names),
            Some("default-organization")
        );
        assert_eq!(nearest("colour", names), None);
        assert_eq!(
            suggest("colour", &["a", "b"]),
            "valid here: `a`, `b`".to_owned()
        );
    }
}
