//! Values as attributes of the loader tag.

use std::time::Duration;

/// A value as an attribute of the loader tag.
pub(super) trait Attribute: PartialEq {
    fn written(&self) -> Option<String>;
}

impl Attribute for u64 {
    fn written(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Attribute for String {
    fn written(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Attribute for Option<String> {
    fn written(&self) -> Option<String> {
        self.clone()
    }
}

impl Attribute for Duration {
    fn written(&self) -> Option<String> {
        Some(self.as_millis().to_string())
    }
}

/// The attribute of a value that differs from the usual one.
pub(super) fn differing<T: Attribute>(
    name: &'static str,
    value: &T,
    usual: &T,
) -> Option<(&'static str, String)> {
    let value = (value != usual).then(|| value.written())??;
    Some((name, value))
}
