//! What is in a page: no opinion on what should be.

use std::ops::Range;

use crate::widget::{Attributes, ContactLink, Difference, Hold, Kind, Product, Scope, Tag};

/// Bytes of a page's [text](super::Source::text).
pub type Span = Range<usize>;

/// By whose rules a page is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Syntax {
    /// Those of HTML.
    #[default]
    Html,
    /// Those of HTML, though the page begins with an XML declaration: a server that sends it as XML must give the same.
    Declared,
    /// Those of XML.
    Xml,
}

/// What one scan found in a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// By whose rules it was read.
    pub syntax: Syntax,
    /// Why the page cannot be judged by those; all else may then be wrong.
    pub obstacle: Option<Obstacle>,
    /// A page that is read as HTML is a page of XML just as well, and has the same tags.
    pub both: bool,
    /// Where both readings of such a page see the end of the body, and neither has a doubt.
    pub agreed: Option<usize>,
    /// The first doctype.
    pub doctype: Option<Span>,
    /// The first `<html>`, `<head>` and `<body>` start tags.
    pub html: Option<Span>,
    /// See `html`.
    pub head: Option<Span>,
    /// See `html`.
    pub body: Option<Span>,
    /// The `<base>` that says where the loader's address leads, and its `href`.
    pub base: Option<(Span, String)>,
    /// `lang` of the `html` element, or its `xml:lang`.
    pub lang: Option<String>,
    /// The Content-Security-Policies in its head, in the order in which they come into force.
    pub policies: Vec<PagePolicy>,
    /// What the page says about itself in `<meta name="chathub">` or `data-chathub-ignore`.
    pub directive: Option<Directive>,
    /// What kind of HTML file this is.
    pub nature: PageKind,
    /// Live tags, in order: each makes a chat appear.
    pub instances: Vec<Instance>,
    /// Tags that do nothing where they stand.
    pub inert: Vec<Inert>,
    /// Tags of the vendor's that run where this tool changes nothing.
    pub astray: Vec<Astray>,
    /// Inline scripts that put a chat into the page by code.
    pub scripted: Vec<Scripted>,
    /// Places where a tag could go, unordered; at most one of each kind, or two where the page is read both ways.
    pub points: Vec<Point>,
    /// Why this page's structure cannot be taken from a scan alone; a tree builder has to confirm what is done.
    pub doubt: Option<Uncertainty>,
}

impl Facts {
    /// The instances that a run answers for, by their places in [`instances`](Self::instances).
    pub fn instances_in(&self, scope: Scope) -> impl Iterator<Item = (usize, &Instance)> {
        let instances = self.instances.iter().enumerate();
        instances.filter(move |(_, instance)| instance.is_in(scope))
    }

    /// The first tag that a run answers for and that it cannot reach.
    #[must_use]
    pub fn first_astray(&self, scope: Scope) -> Option<&Astray> {
        let mut astray = self.astray.iter();
        astray.find(|astray| astray.is_in(scope))
    }

    /// Whether a tag of this kind has to do in XML, too. The vendor's tags cannot do in both: in HTML they would no longer wait
    /// for the page.
    #[must_use]
    pub fn is_for_xml(&self, kind: Kind) -> bool {
        self.syntax == Syntax::Xml || (self.both && !kind.is_vendors())
    }

    /// What the element of an instance is called: in XML, it may have a prefix.
    pub(super) fn name<'t>(&self, instance: &Instance, text: &'t [u8]) -> &'t str {
        let xml = self.syntax == Syntax::Xml;
        let tag = text.get(instance.start_tag.start + 1..).filter(|_| xml);
        let name = tag.and_then(|tag| {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/>".contains(byte);
            std::str::from_utf8(&tag[..tag.iter().position(ends)?]).ok()
        });
        name.unwrap_or("script")
    }

    /// What the page's text is from `from` on when the instances there are gone.
    pub(super) fn without_instances(&self, text: &[u8], scope: Scope, from: usize) -> Vec<u8> {
        let spans = self.instances_in(scope).flat_map(|(_, instance)| {
            let link = instance.link.as_ref().map(|(span, _)| span.clone());
            [Some(instance.element(text)), link].into_iter().flatten()
        });
        let (mut rest, mut at) = (Vec::new(), from);
        for span in spans.filter(|span| span.start >= from) {
            rest.extend_from_slice(&text[at..span.start]);
            at = span.end;
        }
        rest.extend_from_slice(&text[at..]);
        rest
    }
}

/// What a page says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// It wants no widget.
    Off,
    /// It names its organization.
    Organization(String),
    /// It says something that we do not know.
    Unknown(String),
}

/// Kinds of HTML files; all but the first are skipped unless the configuration includes them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PageKind {
    /// A whole document.
    #[default]
    Page,
    /// No doctype, and none of `html`, `head`, `body`: a part that something else includes.
    Fragment,
    /// Sends its reader elsewhere at once.
    Redirect,
    /// An AMP page, which may not carry scripts of its author's.
    Amp,
    /// A frameset: it has no body, its frames are pages of their own.
    Frameset,
    /// XML whose root element is of another language, such as SVG.
    OtherXml,
}

/// A live tag of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Which of the tags.
    pub kind: Kind,
    /// The attributes of its start tag.
    pub attributes: Attributes,
    /// Its start tag.
    pub start_tag: Span,
    /// The attributes in it that are its author's and not [ours](crate::widget::owns): their names, in lower case, and where they stand, quotes and all.
    pub authors: Vec<(String, Span)>,
    /// Its end tag; none: it swallows the rest of the page.
    pub end_tag: Option<Span>,
    /// Nothing but white space stands between its tags.
    pub blank: bool,
    /// The vendor's comment, where nothing but white space is between it and the tag.
    pub comment: Option<Span>,
    /// The contact link that an earlier run wrote, where nothing but white space is between the tag and it.
    pub link: Option<(Span, ContactLink)>,
    /// See [`Point::alien`].
    pub alien: bool,
}

impl Instance {
    /// The whole element; to the end of the page where it is never closed.
    #[must_use]
    pub fn element(&self, text: &[u8]) -> Span {
        let end = self
            .end_tag
            .as_ref()
            .map_or(text.len(), |end_tag| end_tag.end);
        self.start_tag.start..end
    }

    /// How its author holds it back until a visitor consents, if so.
    #[must_use]
    pub fn hold(&self) -> Option<Hold> {
        Hold::of(&self.attributes)
    }

    /// Whether a run answers for it.
    #[must_use]
    pub fn is_in(&self, scope: Scope) -> bool {
        scope.covers(self.kind, &self.attributes)
    }

    /// How it differs from the tag that the page should have.
    #[must_use]
    pub fn differences(&self, tag: &Tag) -> Vec<Difference> {
        let link = self.link.as_ref().map(|(_, link)| link);
        tag.differences(self.kind, &self.attributes, link)
    }
}

/// A Content-Security-Policy in a page's head, which browsers obey from there on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePolicy {
    /// Its `meta` tag.
    pub span: Span,
    /// What it says.
    pub content: String,
}

/// A tag that does nothing where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inert {
    /// The tag, or the comment that holds it.
    pub span: Span,
    /// The product that it would put into the page elsewhere.
    pub product: Product,
    /// Where it stands, as a message calls it.
    pub inside: &'static str,
}

/// A tag of the vendor's that runs, but not as a script of HTML in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Astray {
    /// Its start tag.
    pub span: Span,
    /// Which of the tags.
    pub kind: Kind,
    /// Its attributes, with its address as `src`.
    pub attributes: Attributes,
    /// Where it stands, as a message calls it.
    pub inside: &'static str,
}

impl Astray {
    /// Whether a run answers for it.
    #[must_use]
    pub fn is_in(&self, scope: Scope) -> bool {
        scope.covers(self.kind, &self.attributes)
    }
}

/// What puts a chat into the page by code, in an inline script that browsers run, or in a frame of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scripted {
    /// What names the chat.
    pub span: Span,
    /// The product, if the script names one.
    pub product: Option<Product>,
    /// What does it, as a message calls it.
    pub by: &'static str,
    /// How it does it, as a message calls it.
    pub means: &'static str,
}

impl Scripted {
    /// What it adds, and how, as messages say it.
    #[must_use]
    pub fn phrase(&self) -> String {
        match self.product {
            Some(product) => format!("the {} by {}", product.name(), self.means),
            None => format!("a chat of the vendor by {}", self.means),
        }
    }
}

/// A place where a tag could go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// What kind of place.
    pub at: Position,
    /// Where.
    pub offset: usize,
    /// The scan proves that a script runs there and that nothing else changes; otherwise a tree builder has to.
    pub certain: bool,
    /// XML in which a name without a prefix is none of HTML's there, so that a tag has to say what it is.
    pub alien: bool,
}

/// Kinds of insertion points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Before `</body>`.
    BodyEnd,
    /// Before `</html>`.
    HtmlEnd,
    /// The end of the file.
    FileEnd,
    /// Before `</head>`, or before the `<body>` that ends the head.
    HeadEnd,
    /// After `<body>`.
    BodyStart,
    /// After `<head>`.
    HeadStart,
    /// After `<html>`.
    HtmlStart,
    /// After the doctype.
    Doctype,
    /// The start of a file without doctype.
    FileStart,
}

impl Position {
    /// How messages call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BodyEnd => "before </body>",
            Self::HtmlEnd => "before </html>",
            Self::FileEnd => "at the end of the file",
            Self::HeadEnd => "at the end of the head",
            Self::BodyStart => "after <body>",
            Self::HeadStart => "after <head>",
            Self::HtmlStart => "after <html>",
            Self::Doctype => "after the doctype",
            Self::FileStart => "at the start of the file",
        }
    }
}

/// Why a scan alone does not settle a page's structure. The scan follows tags as a tree builder would in markup that
/// is nested as it should be; each of these is markup where the two may part ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncertainty {
    /// Text content tags inside `select` or after `frameset`, which a tree builder may drop.
    #[error("it has tags inside <select> or after <frameset> that a browser may drop")]
    Ambiguous,
    /// An `svg` or `math` element that is self-closing, nested, not closed by its own end tag, or holds HTML.
    #[error("its <svg> or <math> is not plainly nested")]
    Foreign,
    /// A `template` that is not closed by its own end tag, or holds table columns.
    #[error("its <template> is not plainly nested")]
    Template,
    /// A `frameset`, which may or may not replace the body.
    #[error("it has a <frameset>")]
    Frameset,
    /// After an instance, something speaks of a contact link and is none that this tool wrote.
    #[error("what may be a contact link of chathub's is not as it was written")]
    Link,
}

/// What keeps a page from being judged as XML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Where.
    pub at: usize,
    /// What.
    pub why: Bar,
}

/// See [`Obstacle`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Bar {
    /// It is none.
    #[error("it is not well-formed XML, so browsers show an error in its place: {0}")]
    Malformed(String),
    /// Its root element has HTML's name, but not its namespace.
    #[error(
        "its <html> is not in the namespace of XHTML, so browsers that read it as XML run no script in it; write <html \
         xmlns=\"http://www.w3.org/1999/xhtml\">, or take its extension out of `pages.xml-extensions` if it is served as \
         text/html"
    )]
    Namespace,
    /// What a visitor sees is then what comes out of the transformation.
    #[error(
        "its <?xml-stylesheet?> is a transformation, in whose result browsers that follow it show no chat; take the \
         instruction out, or run chathub on the result"
    )]
    Transformed,
    /// A chat has no place without a body.
    #[error(
        "it has no <body> in its <html>, in whose place a chat could be (names in XML are in lower case)"
    )]
    NoBody,
    /// Browsers add such attributes, and this tool would not see them.
    #[error(
        "its document type gives elements attributes (<!ATTLIST ...>), which are not in the page itself; write them into it"
    )]
    Defaults,
    /// Some browsers follow them and some do not.
    #[error(
        "its document type refers to a parameter entity, which browsers do not read alike; write out what it stands for"
    )]
    ParameterEntity,
    /// No browser loads it.
    #[error("it refers to the entity &{0};, whose text is in another file, which no browser loads")]
    ExternalEntity(String),
    /// Tags in it cannot be changed where they come out.
    #[error(
        "it refers to the entity &{0};, and its document type has entities with scripts or metadata in them; write them into the page"
    )]
    EntityMarkup(String),
    /// A bomb, or as good as one.
    #[error("its entities stand for more than a megabyte of text, or for one another")]
    Expansion,
    /// A parser would take too long.
    #[error(
        "a parser of XML would take too long over it: its elements are nested too deeply, or have too many attributes or \
         namespaces"
    )]
    TooMuchWork,
    /// Somebody serves it as the one or as the other.
    #[error(
        "it begins with an XML declaration, and has other chat tags or another <meta name=\"chathub\"> when it is read as XML \
         than as HTML; put its extension into `pages.xml-extensions` if it is served as XML, else take the declaration out"
    )]
    Readings,
}
