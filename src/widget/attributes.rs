//! The attributes of a start tag.

use std::collections::HashSet;

/// Marks our loader tag; the runtime finds its tag by it.
pub const LOADER_ATTRIBUTE: &str = "data-chathub";

/// A start tag's attributes: names in lower case, values with their character references resolved, of two with
/// one name the first, as the HTML standard has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The value of an attribute; empty where it has none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All of them, in the order of the source.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// So many are compared one by one.
const FEW: usize = 32;

impl FromIterator<(String, String)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(attributes: I) -> Self {
        let mut list: Vec<(String, String)> = attributes.into_iter().collect();
        if list.len() > FEW {
            let mut seen = HashSet::new();
            list.retain(|(name, _)| seen.insert(name.clone()));
        } else {
            for at in (1..list.len()).rev() {
                if list[..at].iter().any(|(name, _)| *name == list[at].0) {
                    list.remove(at);
                }
            }
        }
        Self(list)
    }
}
