//! What must not be given away, in every form that it may take; found without the help of what is tested.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memmem;

/// What the vendor's samples use while there is no account; never a credential.
const DEVELOPMENT: &str = "test-token-for-development";
/// Shorter values are words that stand anywhere; chathub does not look for them either.
const SHORTEST: usize = 8;
/// The least that a signature of a token has: 32 bytes have 43 characters.
const SIGNATURE: usize = 16;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A token that static pages publish and the cache keeps, and nothing else.
    Operator,
    /// A company's credential, which nothing holds.
    Company,
}

/// Secrets by name.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    all: Vec<Secret>,
    /// Signatures of tokens: half a token is too much for a stream.
    signatures: BTreeSet<String>,
}

#[derive(Debug)]
struct Secret {
    name: String,
    value: String,
    forms: BTreeSet<String>,
    kind: Kind,
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// What it is.
    pub(crate) name: String,
    /// The secret itself, however it is written there.
    pub(crate) value: String,
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Secrets {
    /// Another secret; whether it was not known yet.
    pub(crate) fn add(&mut self, name: &str, value: &str, kind: Kind) -> bool {
        let value = value.trim();
        let known = |secret: &Secret| secret.value == value && secret.kind >= kind;
        if value.len() < SHORTEST || value == DEVELOPMENT || self.all.iter().any(known) {
            return false;
        }
        self.add_signature(value);
        self.all.push(Secret {
            name: name.to_owned(),
            value: value.to_owned(),
            forms: forms(value),
            kind,
        });
        true
    }

    /// The signature of a token: no stream may show that either.
    pub(crate) fn add_signature(&mut self, token: &str) {
        if tokens(token.as_bytes()).next() == Some((0, token.len())) {
            let signature = token.rsplit('.').next().unwrap_or_default();
            self.signatures.insert(signature.to_owned());
        }
    }

    /// What there is in an environment: values that are named like secrets, and passwords in URLs.
    pub(crate) fn add_environment(&mut self, environment: &[(String, String)]) -> bool {
        let mut new = false;
        for (name, value) in environment {
            let is = |word: &str| name.to_ascii_uppercase().contains(word);
            if is("PASSWORD") || is("COMPANY") {
                new |= self.add(name, value, Kind::Company);
            } else if is("TOKEN") {
                new |= self.add(name, value, Kind::Operator);
            }
            let login = value
                .split_once("://")
                .and_then(|(_, rest)| rest.split_once('@'));
            if let Some((_, password)) = login.and_then(|(login, _)| login.split_once(':')) {
                new |= self.add(name, password, Kind::Company);
            }
        }
        new
    }

    /// All that stand in a text that may be anything.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits: Vec<Hit> = tokens(text)
            .map(|(start, end)| {
                let value = String::from_utf8_lossy(&text[start..end]).into_owned();
                Hit {
                    name: "a token".to_owned(),
                    kind: kind(&value),
                    value,
                    start,
                    end,
                }
            })
            .collect();
        for secret in &self.all {
            for form in &secret.forms {
                for start in memmem::find_iter(text, form) {
                    let end = start + form.len();
                    let within = |hit: &&mut Hit| hit.start <= start && end <= hit.end;
                    if let Some(hit) = hits.iter_mut().find(within) {
                        hit.kind = hit.kind.max(secret.kind);
                        continue;
                    }
                    let (name, value) = (secret.name.clone(), secret.value.clone());
                    hits.push(Hit {
                        name,
                        value,
                        kind: secret.kind,
                        start,
                        end,
                    });
                }
            }
        }
        hits
    }

    /// All that stand on a stream, where half of a token is one, too.
    pub(crate) fn find_on_stream(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits = self.find(text);
        for signature in &self.signatures {
            for start in memmem::find_iter(text, signature) {
                let end = start + signature.len();
                if !hits.iter().any(|hit| hit.start <= start && end <= hit.end) {
                    let name = "the signature of a token".to_owned();
                    hits.push(Hit {
                        name,
                        value: signature.clone(),
                        kind: Kind::Operator,
                        start,
                        end,
                    });
                }
            }
        }
        hits
    }
}

/// Where tokens stand: three parts of base64url, whose first is that of `{"…`, and whose last is long enough to be a signature.
fn tokens(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let mut free = 0;
    memmem::find_iter(text, "eyJ").filter_map(move |start| {
        let mut lengths = Vec::new();
        let mut end = start;
        loop {
            let length = text[end..].iter().take_while(|byte| is_part(byte)).count();
            lengths.push(length);
            end += length;
            if lengths.len() == 3 || text.get(end) != Some(&b'.') {
                break;
            }
            end += 1;
        }
        let least = [10, 1, SIGNATURE];
        let long_enough = lengths.iter().zip(least).all(|(n, least)| *n >= least);
        let is_token = lengths.len() == 3 && long_enough && start >= free;
        is_token.then(|| {
            free = end;
            (start, end)
        })
    })
}

/// The stand-in's company tokens are JWTs as well, and say that they are the company's.
fn kind(token: &str) -> Kind {
    let claims = token.split('.').nth(1).unwrap_or_default();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap_or_default();
    if claims.get("company").is_some() {
        Kind::Company
    } else {
        Kind::Operator
    }
}

/// As it is, in JSON (also in JSON that is quoted in JSON), in Rust's notation, in HTML, and in a URL.
fn forms(secret: &str) -> BTreeSet<String> {
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let each = |written: &dyn Fn(char) -> Option<String>| -> String {
        secret
            .chars()
            .map(|c| written(c).unwrap_or_else(|| c.to_string()))
            .collect()
    };
    let percent = |plain: &str, small: bool| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            let _ = match byte {
                _ if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) => {
                    write!(text, "{}", char::from(byte))
                }
                _ if small => write!(text, "%{byte:02x}"),
                _ => write!(text, "%{byte:02X}"),
            };
            text
        })
    };
    let mut forms = BTreeSet::from([
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        secret.escape_debug().to_string(),
        secret.escape_debug().to_string().escape_debug().to_string(),
        percent("-_.~", false),
        percent("-_.~", true),
        percent("-_.~!'()*", false),
        percent("-_.~ ", false).replace(' ', "+"),
    ]);
    for (double, single) in [
        ("&quot;", "'"),
        ("&quot;", "&#39;"),
        ("&#34;", "&#39;"),
        ("&#x22;", "&#x27;"),
        ("\"", "&apos;"),
    ] {
        for angles in [true, false] {
            forms.insert(each(&|c| match c {
                '"' => Some(double.to_owned()),
                '\'' => Some(single.to_owned()),
                '&' => Some("&amp;".to_owned()),
                '<' if angles => Some("&lt;".to_owned()),
                '>' if angles => Some("&gt;".to_owned()),
                _ => None,
            }));
        }
    }
    forms
}
