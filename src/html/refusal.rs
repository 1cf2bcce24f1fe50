//! Why a change is not made.

use super::facts::{Astray, Bar, Obstacle, Uncertainty};

/// Why a page is left as it is although something should change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An instance's start tag swallows the rest of the page.
    #[error("its tag is never closed and swallows the rest of the page")]
    Unclosed(usize),
    /// An instance holds markup, which would go with it.
    #[error("its tag swallows the markup after it (in HTML, <script …/> does not close itself)")]
    Swallows(usize),
    /// The vendor's tag runs where nothing is changed.
    #[error("the {1} inside {2} runs, and chathub changes nothing there; take it out by hand")]
    Astray(usize, &'static str, &'static str),
    /// It is held back for consent, and an attribute means one thing to the consent tool and another to the loader.
    #[error(
        "its tag is held back for consent, and `{1}` would mean something else to the consent tool than to the loader"
    )]
    Held(usize, &'static str),
    /// In XML the widget's module does not wait for the body, which it needs.
    #[error(
        "its widget tag is before the <body>, and in a page that is served as XML it may run before there is one; move it to \
         the end of the body"
    )]
    TooEarly(usize),
    /// The page's encoding cannot say the edit at its place.
    #[error("its encoding has no way to write a tag there")]
    Unwritable(usize),
    /// Where the tag would run, the rest of the page would not stay as it is.
    #[error("no place in it is safe for a script ({0})")]
    NoPlace(ProofError),
    /// A change of tags that are there would change something else.
    #[error("changing its tags would change more than them ({0})")]
    Disproved(ProofError),
    /// Too large for a second parser, and the scan alone does not settle it.
    #[error("{0}, and at {1} MiB it is too large for a full parse to confirm a change")]
    TooLarge(Uncertainty, usize),
    /// It cannot be judged as XML.
    #[error("{1}")]
    Xml(usize, Bar),
    /// One XML parser takes it and another does not.
    #[error("a second XML parser does not read it ({0})")]
    Unparsed(String),
    /// A second parser would take too long.
    #[error(
        "it takes a full parse to confirm a change, and that would take too long: its tags are nested too deeply, or too many \
         of them are left open or have too many attributes"
    )]
    TooMuchWork,
    /// The run is to stop: the page is as it was, and nothing is known of it.
    #[error("the run was stopped")]
    Stopped,
}

impl From<&Obstacle> for Refusal {
    fn from(obstacle: &Obstacle) -> Self {
        Self::Xml(obstacle.at, obstacle.why.clone())
    }
}

impl From<&Astray> for Refusal {
    fn from(astray: &Astray) -> Self {
        Self::Astray(astray.span.start, astray.kind.name(), astray.inside)
    }
}

impl Refusal {
    /// Where in the page's text the trouble is.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Unclosed(at)
            | Self::Swallows(at)
            | Self::Astray(at, ..)
            | Self::Held(at, _)
            | Self::TooEarly(at)
            | Self::Unwritable(at)
            | Self::Xml(at, _) => Some(*at),
            Self::NoPlace(_)
            | Self::Disproved(_)
            | Self::TooLarge(..)
            | Self::TooMuchWork
            | Self::Stopped
            | Self::Unparsed(_) => None,
        }
    }

    /// What it says where a contact link is refused alone; nothing if the page needs none.
    pub(super) fn of_link(&self) -> Option<String> {
        match self {
            Self::NoPlace(ProofError::OwnLink) | Self::Disproved(ProofError::OwnLink) => None,
            Self::NoPlace(disproof) | Self::Disproved(disproof) => Some(disproof.to_string()),
            other => Some(other.to_string()),
        }
    }
}

/// What a tree builder holds against an edited page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The instances are not the ones that were asked for.
    #[error("a browser would find {found} live instances in place of {wanted}")]
    Instances {
        /// Asked for.
        wanted: usize,
        /// Found.
        found: usize,
    },
    /// The rest is another tree.
    #[error("a browser would build another tree from the rest of the page")]
    Tree,
    /// The scan takes other tags for live than a browser does, so that not even the next run could be trusted.
    #[error("a browser finds {live} live instances where the scan finds {seen}")]
    Sight {
        /// By the tree builder.
        live: usize,
        /// By the scan.
        seen: usize,
    },
    /// A link is wanted where the page goes on.
    #[error("its tag is not at the end of the page")]
    Middle,
    /// The page's author has thought of a contact link.
    #[error("it has a contact link of its own")]
    OwnLink,
    /// Somebody has changed or moved what this tool wrote.
    #[error("a contact link that chathub wrote has been changed since; take it out by hand")]
    StrayLink,
    /// What stands at its beginning then is a byte order mark, or its declaration is pushed to where none is looked for.
    #[error("a browser would read it in another encoding")]
    Encoding,
    /// It would no longer be well-formed XML.
    #[error("it would not be well-formed XML any more")]
    Malformed,
    /// It may be served as the one or as the other.
    #[error("it begins with an XML declaration, and no place is right both as HTML and as XML")]
    Readings,
    /// There is no place at all.
    #[error("it has no end of body, head or file outside raw text, comments and attributes")]
    Nowhere,
}
