//! Addresses: what the user typed, and where on this origin another address leads.

use percent_encoding::percent_decode;
use url::Url;

use super::error::LiveError;

/// Whether what stands for a site is a URL.
#[must_use]
pub fn is_url(site: &str) -> bool {
    let scheme = site.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        ["http", "https"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    })
}

/// The root of the site that the user named: an origin and a folder on it.
pub(super) fn root(typed: &str) -> Result<Url, LiveError> {
    let wrong = |why: &str| LiveError::Address {
        url: without_login(typed),
        why: why.to_owned(),
    };
    let mut url =
        Url::parse(typed).map_err(|error| wrong(&format!("it is not a valid URL ({error})")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "a login in a URL ends up in logs, and a run sends no credentials; give the address without it",
        ));
    }
    if url.query().is_some() {
        return Err(wrong(
            "the address of a site has no query; leave out what follows the `?`",
        ));
    }
    url.set_fragment(None);
    let path = url.path().to_owned();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    // A name without an extension is that of a folder.
    let path = if name.is_empty() || name.contains('.') {
        format!("{folder}/")
    } else {
        format!("{path}/")
    };
    url.set_path(&path);
    Ok(url)
}

/// An address as it may be shown.
#[must_use]
pub fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://…@{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// An address that a document gives, as a request can be made of it; none where it is not one of the web.
pub(super) fn plain(base: &Url, href: &str) -> Option<Url> {
    let mut url = base.join(href.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(())?;
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url)
}

/// The same path and query on another origin.
pub(super) fn moved(url: &Url, to: &Url) -> Url {
    let mut here = to.clone();
    here.set_path(url.path());
    here.set_query(url.query());
    here
}

/// The path of an address below the root, decoded; none where it is not below.
pub(super) fn below(root: &Url, url: &Url) -> Option<Vec<u8>> {
    let rest = (url.origin() == root.origin())
        .then(|| url.path().strip_prefix(root.path()))
        .flatten()?;
    Some(percent_decode(rest.as_bytes()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_site_is_a_folder_on_an_origin() {
        for (typed, wanted) in [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://Example.com/docs", "https://example.com/docs/"),
            ("https://example.com/docs/#top", "https://example.com/docs/"),
            (
                "https://example.com/docs/index.html",
                "https://example.com/docs/",
            ),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ] {
            assert!(is_url(typed), "{typed}");
            assert_eq!(root(typed).unwrap().as_str(), wanted);
        }
        for other in [
            "public",
            "C:\\site",
            "ftp://example.com",
            "file:///srv/www",
            "s3://bucket",
        ] {
            assert!(!is_url(other), "{other}");
        }
    }

    #[test]
    fn a_login_is_refused_and_never_shown() {
        for typed in [
            "https://olena:geheim@example.com/",
            "https://geheim@example.com/a@b",
            "https://olena:geheim@",
        ] {
            let error = root(typed).unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
        for typed in [
            "https://",
            "https://example.com:99999/",
            "https://example.com/?page=2",
        ] {
            assert!(root(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn what_documents_name_is_asked_without_logins_and_fragments() {
        let base = Url::parse("https://example.com/docs/").unwrap();
        let plain = |href| plain(&base, href).map(|url| url.to_string());
        assert_eq!(
            plain(" a/?b#c "),
            Some("https://example.com/docs/a/?b".to_owned())
        );
        assert_eq!(
            plain("//x:y@example.com/"),
            Some("https://example.com/".to_owned())
        );
        for other in [
            "mailto:a@example.com",
            "javascript:void 0",
            "data:text/html,x",
            "tel:112",
        ] {
            assert_eq!(plain(other), None);
        }
        let below = |url| below(&base, &Url::parse(url).unwrap());
        assert_eq!(
            below("https://example.com/docs/a%20b/"),
            Some(b"a b/".to_vec())
        );
        assert_eq!(below("https://example.com/doc"), None);
        assert_eq!(below("http://example.com/docs/"), None);
    }
}
