//! What it means that a page's tag differs from the one that it should have.

use super::catalog as rules;
use crate::event::Rule;
use crate::html::Instance;
use crate::widget::{Breach, Difference, Kind};

/// The rules that an instance breaks by being different from the wanted tag, which is of this kind.
pub(super) fn broken(
    instance: &Instance,
    wanted: Kind,
    differences: &[Difference],
) -> Vec<(&'static Rule, String)> {
    let mut broken: Vec<(&'static Rule, String)> = Vec::new();
    let other_kind = differences.iter().any(|d| d.breaks == Breach::Kind);
    let kind = instance.kind;
    if other_kind {
        let rule = match (kind, wanted) {
            (Kind::Loader, Kind::Widget) => &rules::STALE_LOADER,
            _ => &rules::WRONG_SRC,
        };
        let place = match wanted {
            Kind::Loader => "placeholder mode has a loader tag",
            Kind::Widget => "static mode has a widget tag",
            Kind::Customer => "the organization has the customer widget",
        };
        broken.push((rule, format!("a {} where {place}", kind.name())));
    }
    let src = instance.attributes.get("src").unwrap_or_default();
    if src
        .trim_start()
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
    {
        broken.push((&rules::INSECURE_SRC, format!("it loads {src}")));
    }
    let mut stale = Vec::new();
    for difference in differences {
        let sentence = sentence(difference);
        let rule = match difference.breaks {
            Breach::Type => &rules::WRONG_TYPE,
            Breach::Token
                if difference.found.is_some()
                    && difference.wanted.is_none()
                    && (other_kind || kind != Kind::Widget) =>
            {
                let rule = &rules::TOKEN_IN_PLACEHOLDER_PAGE;
                broken.push((rule, "it carries a token".to_owned()));
                continue;
            }
            Breach::Token => {
                broken.push((&rules::TOKEN_MALFORMED, "it carries no token".to_owned()));
                continue;
            }
            // A tag of another kind differs in all the rest as well; nothing is learned from that.
            _ if other_kind => continue,
            Breach::Start => &rules::WRONG_TYPE,
            Breach::Organization => &rules::WRONG_ORGANIZATION,
            Breach::Id => &rules::WRONG_ID,
            Breach::Source => &rules::WRONG_SRC,
            Breach::Integrity if !differences.iter().any(|d| d.attribute == "src") => {
                &rules::INTEGRITY_MISMATCH
            }
            Breach::Kind | Breach::Integrity | Breach::Stale => {
                stale.push(sentence);
                continue;
            }
        };
        broken.push((rule, sentence));
    }
    if !stale.is_empty() {
        let rule = match kind {
            Kind::Customer => &rules::STALE_ATTRIBUTES,
            Kind::Loader | Kind::Widget => &rules::STALE_LOADER,
        };
        broken.push((rule, stale.join("; ")));
    }
    broken
}

fn sentence(difference: &Difference) -> String {
    let Difference {
        attribute,
        found,
        wanted,
        ..
    } = difference;
    match (found, wanted) {
        (Some(found), Some(wanted)) => format!("{attribute} is {found:?}, should be {wanted:?}"),
        (None, Some(wanted)) => format!("{attribute} is missing, should be {wanted:?}"),
        (Some(found), None) => format!("{attribute} is {found:?}, should not be there"),
        (None, None) => format!("{attribute} is missing"),
    }
}
