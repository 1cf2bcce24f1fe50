//! What `inject` and `remove` do with lists that say something about pages, such as a service worker's precache list.

use super::diff::masked;
use super::inject::{Ending, InjectStep};
use crate::derived::{Page, Verdict, Wrong};
use crate::html::splice;
use crate::redact;
use crate::run::{Examined, Purpose, Verdict as Judgement};
use crate::settings::{Manifests, Siblings};
use crate::store::{Cancel, Coding, Compression, Content, Kind, PagePath, Store, WriteError};

impl InjectStep<'_> {
    /// Holds the lists against a page that is done.
    pub(super) fn note_for_lists(&self, examined: &Examined<'_>, new: &[u8]) {
        if !self.lists.name(examined.path()) {
            return;
        }
        let is_new = examined.source.bytes() != new;
        let has_chat = match &examined.verdict {
            Judgement::Plan(plan) if is_new || plan.edits.is_empty() => {
                self.purpose == Purpose::Ensure && examined.tag.is_some()
            }
            _ => examined.instances().next().is_some(),
        };
        self.lists.note(&Page {
            path: examined.path(),
            old: examined.source.bytes(),
            new,
            has_chat,
            bare: &|| examined.without_chat(),
        });
    }

    /// The same for a page that came before the lists that name it.
    pub(super) fn note_late(&self, examined: &Examined<'_>) {
        let old = examined.source.bytes();
        let mut edited = Vec::new();
        // Elsewhere it is written by now, or could not be.
        let is_to_come = self.store.is_dry() || self.store.copy().is_some();
        if let Judgement::Plan(plan) = &examined.verdict
            && is_to_come
            && splice(old, &plan.edits, &mut edited).is_ok()
        {
            self.note_for_lists(examined, &edited);
        } else {
            self.note_for_lists(examined, old);
        }
    }

    /// Brings the lists in line with the pages, and says what is wrong with them otherwise.
    pub(super) fn end_lists(&self, ending: &mut Ending) {
        let store = self.store.copy().unwrap_or(self.store);
        self.lists.look_again(store);
        for verdict in self.lists.verdicts() {
            let may_write = self.manifests == Manifests::Update && verdict.kept.is_none();
            if may_write
                && !verdict.edits.is_empty()
                && let Err(error) = self.write_list(store, &verdict, ending)
            {
                ending.is_incomplete = true;
                let path = &verdict.path;
                let notice = format!("{path} cannot be brought in line with the pages: {error}");
                ending.notices.push(redact::of_page(&notice));
            }
            let left = verdict.wrongs.iter();
            let left = left.filter(|wrong| !(wrong.is_ours && may_write));
            let notices = left.map(|wrong| redact::of_page(&says(&verdict, wrong)));
            ending.notices.extend(notices);
        }
    }

    fn write_list(
        &self,
        store: &dyn Store,
        verdict: &Verdict,
        ending: &mut Ending,
    ) -> Result<(), WriteError> {
        let path = &verdict.path;
        let file = store.at(path);
        let read = store.read(&file);
        let Content { bytes, version } = read.map_err(WriteError::while_("cannot read it"))?;
        let new = verdict.edited(&bytes).ok_or(WriteError::Changed)?;
        store.writable(&file)?;
        let staged = store.stage(&file, &version, &mut |out| out.write_all(&new))?;
        // Copies first: should the run be killed in between, the list is still seen to need its change.
        for coding in Coding::ALL {
            let copied = self.write_copy_of_list(store, path, coding, (&bytes, &new));
            let said = copied.map_err(|error| error.of_copy(coding.extension()))?;
            ending.files.extend(said);
        }
        staged.commit(Some(&version))?;
        let verb = if store.is_dry() {
            "would write"
        } else {
            "wrote"
        };
        ending
            .files
            .push(format!("{verb} {path}: {}", verdict.says()));
        if self.diff {
            let diff = masked(&path.to_string(), &bytes, &new);
            ending.diffs.push(diff);
        }
        Ok(())
    }

    /// Makes the compressed copy of a list anew, or deletes it.
    fn write_copy_of_list(
        &self,
        store: &dyn Store,
        list: &PagePath,
        coding: Coding,
        (old, new): (&[u8], &[u8]),
    ) -> Result<Option<String>, WriteError> {
        let path = [list.as_bytes(), coding.extension().as_bytes()].concat();
        let path = PagePath::from_bytes(path);
        if self.siblings == Siblings::Leave || !matches!(store.kind(&path), Kind::File(_)) {
            return Ok(None);
        }
        let file = store.at(&path);
        if self.siblings == Siblings::Remove {
            store.delete(&file, None)?;
            let verb = if store.is_dry() {
                "would delete"
            } else {
                "deleted"
            };
            return Ok(Some(format!("{verb} {path}")));
        }
        if store.is_dry() {
            return Ok(Some(format!("would write {path}")));
        }
        let read = store.read(&file);
        let copy = read.map_err(WriteError::while_("cannot read it"))?;
        let cancel = Cancel::default();
        let compression = Compression::of(coding, &copy.bytes, old, &cancel);
        let mut write = |out: &mut dyn std::io::Write| compression.compress(new, out, &cancel);
        let staged = store.stage(&file, &copy.version, &mut write)?;
        staged.commit(Some(&copy.version))?;
        Ok(Some(format!("wrote {path}")))
    }
}

/// What the user must know of a list that is wrong and stays so.
fn says(verdict: &Verdict, wrong: &Wrong) -> String {
    let Wrong {
        message, remedy, ..
    } = wrong;
    let path = &verdict.path;
    match verdict.kept {
        Some(why) if wrong.is_ours => {
            format!("{path}: {message}. It is not changed, since {why}: {remedy}")
        }
        _ => format!("{path}: {message}. To put it right, {remedy}"),
    }
}
