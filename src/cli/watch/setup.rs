//! What a watch goes by, as its configuration says now.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::super::args::{Common, RunArgs, WatchArgs};
use super::super::publication::Publication;
use super::super::secrets::secrets;
use super::super::settings::{Settings, planned_site};
use crate::report::Format;
use crate::rules::RuleSet;
use crate::run::{Purpose, Tags};
use crate::settings::{Config, Mode};

/// All that follows from the configuration.
pub(super) struct Setup {
    pub(super) settings: Settings,
    /// The configuration as it is, of which a watch uses all but one setting.
    given: Config,
    /// The site's folder, whether it is there or not.
    pub(super) site: PathBuf,
    pub(super) rules: Arc<RuleSet>,
    /// The tokens of static mode; none: they have yet to be got.
    publication: Option<Publication>,
}

impl Setup {
    /// Reads the configuration.
    pub(super) fn load(args: &WatchArgs) -> anyhow::Result<Self> {
        let common = Common {
            config: args.config.clone(),
            format: Format::default(),
            color: args.color,
            allow_empty: true,
        };
        let run = RunArgs {
            threads: args.threads,
            quiet: args.quiet,
            verbose: args.verbose.into(),
            report: Vec::new(),
            no_progress: true,
        };
        let site = args.site.as_deref();
        let flags = args.settings.given();
        let mut settings = Settings::resolve(&common, Some(&run), site, flags)?;
        let given = settings.config.clone();
        // Their rules hold for the next change, too.
        settings.config.remove_config_files = false;
        // Read once, they are shown nowhere.
        secrets(&given.api);
        if given.mode == Mode::Static {
            given.trust(&["api", "organizations", "widget"])?;
        }
        Ok(Self {
            site: planned_site(&settings.config)?,
            rules: Arc::new(RuleSet::new(&settings.config)?),
            publication: (given.mode == Mode::Placeholder).then(Publication::default),
            settings,
            given,
        })
    }

    /// Whether another one says the same.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.given == other.given && self.site == other.site
    }

    /// What the user must know of the configuration.
    pub(super) fn notice(&self) -> Option<&'static str> {
        self.given.remove_config_files.then_some(
            "remove-config-files has no effect on watch, which needs the rules in such files for the next change; \
             `chathub inject` deletes them",
        )
    }

    /// Gets the tokens of static mode, from where `inject` gets them. Those that there were stay if that fails. Whether they
    /// are others.
    pub(super) fn get_tokens(&mut self) -> anyhow::Result<bool> {
        let new = Publication::new(&self.settings, &self.site, false)?;
        let same = |old: &Publication| old.publishes_the_same(&new);
        let changed = !self.publication.as_ref().is_some_and(same);
        self.publication = Some(new);
        Ok(changed)
    }

    /// Whether there are tokens, or none are needed.
    pub(super) fn has_tokens(&self) -> bool {
        self.publication.is_some()
    }

    /// Whether pages of this organization can be done.
    pub(super) fn has_token_of(&self, organization: &str) -> bool {
        let publication = self.publication.as_ref();
        publication.is_some_and(|publication| publication.has(organization))
    }

    /// When the first token has to be another one: `verify` demands that it is valid for some time.
    pub(super) fn expire_at(&self) -> Option<Timestamp> {
        let expires = self.publication.as_ref()?.expires_at()?;
        expires
            .checked_sub(self.settings.config.verify.min_ttl)
            .ok()
    }

    pub(super) fn purpose(&self) -> Purpose {
        self.publication
            .as_ref()
            .map_or(Purpose::Ensure, Publication::purpose)
    }

    pub(super) fn tags(&self) -> Tags {
        let config = &self.settings.config;
        match &self.publication {
            Some(publication) if config.mode == Mode::Static => {
                Tags::new(config, Some(&publication.secrets()))
            }
            _ => Tags::new(config, Some(&Publication::default().secrets())),
        }
    }

    /// What the user must know of the tokens that pages have.
    pub(super) fn notices(&self, is_used: impl Fn(&str) -> bool) -> Vec<String> {
        let publication = self.publication.as_ref();
        publication.map_or_else(Vec::new, |publication| {
            publication.notices(&self.settings.config, is_used, false)
        })
    }
}
