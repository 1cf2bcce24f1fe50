//! A host: its files, each read by the reader of its format.

use super::model::{Format, Header, HostFile, Nothing, Reading, Serves, Unread};
use super::{azure, caddy, firebase, headers_file, netlify, nginx, other, vercel};

/// A host, by its files.
pub struct Host {
    /// They.
    pub files: Vec<HostFile>,
    /// What is sent with one page or another.
    pub headers: Vec<Header>,
    /// What is not understood.
    pub unread: Vec<Unread>,
    serves: Box<dyn Serves>,
}

impl Host {
    /// What these files say, each about its own host, but for those that one host reads together: `netlify.toml` and `_headers`.
    #[must_use]
    pub fn read(files: Vec<HostFile>) -> Vec<Self> {
        let netlify = files.iter().any(|file| file.format == Format::Netlify);
        let belongs =
            |file: &HostFile| netlify && matches!(file.format, Format::Headers | Format::Netlify);
        let (together, alone): (Vec<_>, Vec<_>) = files.into_iter().partition(belongs);
        let hosts = alone.into_iter().map(|file| vec![file]).chain([together]);
        let hosts = hosts.filter(|files| !files.is_empty());
        hosts.map(Self::new).collect()
    }

    fn new(files: Vec<HostFile>) -> Self {
        let mut reading = Reading::new();
        let serves: Box<dyn Serves> = match &files[..] {
            [] => Box::new(Nothing),
            [file] if file.format != Format::Netlify => {
                let read = match file.format {
                    Format::Headers | Format::Netlify => headers_file::read,
                    Format::Vercel => vercel::read,
                    Format::Azure => azure::read,
                    Format::Firebase => firebase::read,
                    Format::Nginx => nginx::read,
                    Format::Caddy => caddy::read,
                    Format::Other => other::read,
                };
                read(&file.text, &mut reading)
            }
            files => netlify::read(files, &mut reading),
        };
        Self {
            files,
            headers: reading.headers,
            unread: reading.unread,
            serves,
        }
    }

    /// The headers that a page is sent with, by index, one list for each address at which it is and which differs. `path` is that of
    /// its file in the site.
    #[must_use]
    pub fn sent(&self, path: &str) -> Vec<Vec<usize>> {
        let root = self.files.first().map_or("/", |file| &file.root);
        let mut sent = self.serves.sent(&format!("{root}{path}"));
        sent.sort();
        sent.dedup();
        sent
    }
}
