//! What it means that a page's tag differs from the one that it should have.

use super::catalog::{self as rules, Rule};
use crate::page::Instance;
use crate::widget::{Difference, Kind};

/// The rules that an instance breaks by being different from the wanted tag.
pub(super) fn broken(
    instance: &Instance,
    differences: &[Difference],
) -> Vec<(&'static Rule, String)> {
    let mut broken: Vec<(&'static Rule, String)> = Vec::new();
    let other_kind = differences.iter().any(|d| d.attribute.is_empty());
    let has = |name: &str| differences.iter().any(|d| d.attribute == name);
    if other_kind {
        let rule = if instance.kind == Kind::Widget {
            &rules::WRONG_SRC
        } else {
            &rules::STALE_LOADER
        };
        let message = format!(
            "a {} where {}",
            instance.kind.name(),
            match instance.kind {
                Kind::Widget => "placeholder mode has a loader tag",
                Kind::Loader => "static mode has a widget tag",
            }
        );
        broken.push((rule, message));
    }
    let src = instance.attributes.get("src").unwrap_or_default();
    if src
        .trim_start()
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
    {
        broken.push((&rules::INSECURE_SRC, format!("it loads {src}")));
    }
    let hold = instance.hold();
    let address = hold.as_ref().map_or("src", |hold| hold.address);
    let mut stale = Vec::new();
    for difference in differences {
        let found = difference.found.as_deref();
        let sentence = sentence(difference);
        match difference.attribute {
            "type" | "nomodule" => broken.push((&rules::WRONG_TYPE, sentence)),
            // The vendor's tag is none that a run would ever write without it.
            "async" if instance.kind == Kind::Widget && !other_kind => {
                broken.push((&rules::WRONG_TYPE, sentence));
            }
            "token"
                if found.is_some()
                    && difference.wanted.is_none()
                    && (other_kind || instance.kind == Kind::Loader) =>
            {
                broken.push((
                    &rules::TOKEN_IN_PLACEHOLDER_PAGE,
                    "it carries a token".to_owned(),
                ));
            }
            "token" => broken.push((&rules::TOKEN_MALFORMED, "it carries no token".to_owned())),
            // A tag of the other kind differs in all the rest as well; nothing is learned from that.
            _ if other_kind => {}
            // What makes a module of a tag that is held back.
            "data-type" => broken.push((&rules::WRONG_TYPE, sentence)),
            "data-org" | "data-orgs" => broken.push((&rules::WRONG_ORGANIZATION, sentence)),
            "id" if instance.kind == Kind::Widget => broken.push((&rules::WRONG_ID, sentence)),
            name if instance.kind == Kind::Widget && (name == "src" || name == address) => {
                broken.push((&rules::WRONG_SRC, sentence));
            }
            "integrity" if !has("src") => broken.push((&rules::INTEGRITY_MISMATCH, sentence)),
            _ => stale.push(sentence),
        }
    }
    if !stale.is_empty() {
        broken.push((&rules::STALE_LOADER, stale.join("; ")));
    }
    broken
}

fn sentence(difference: &Difference) -> String {
    let Difference {
        attribute,
        found,
        wanted,
    } = difference;
    match (found, wanted) {
        (Some(found), Some(wanted)) => format!("{attribute} is {found:?}, should be {wanted:?}"),
        (None, Some(wanted)) => format!("{attribute} is missing, should be {wanted:?}"),
        (Some(found), None) => format!("{attribute} is {found:?}, should not be there"),
        (None, None) => format!("{attribute} is missing"),
    }
}
