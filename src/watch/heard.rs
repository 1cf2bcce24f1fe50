//! What an event of the system says, in the few words that matter here.

use std::path::Path;

use notify::Event;
use notify::event::{AccessKind, AccessMode, EventKind, MetadataKind, ModifyKind, RenameMode};

/// What happened to the paths of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing that changes anything.
    Nothing,
    /// Events were lost.
    Lost,
    /// They are gone, or have another name.
    Gone,
    /// They are new, or have come by a name that they did not have.
    New,
    /// Somebody has written to them, and may not be done.
    Written,
    /// Somebody who may have written to them has let go of them.
    Closed,
    /// Something else.
    Changed,
}

impl Heard {
    pub(super) fn of(event: &Event) -> Self {
        if event.need_rescan() {
            return Self::Lost;
        }
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => Self::Closed,
            EventKind::Access(_)
            | EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => Self::Nothing,
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                Self::Gone
            }
            // Both names at once come after each by itself, or in place of that.
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)) => Self::New,
            EventKind::Modify(ModifyKind::Data(_)) => Self::Written,
            _ => Self::Changed,
        }
    }

    /// Whether it may be the end of this path. A rename that the system reports at once is of two paths, one of which is left.
    pub(super) fn may_end(self, event: &Event, path: &Path) -> bool {
        matches!(self, Self::Gone | Self::New) && event.paths.iter().any(|other| other == path)
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag, RemoveKind};

    use super::*;

    #[test]
    fn what_changes_nothing_is_not_heard() {
        for (kind, heard) in [
            (
                EventKind::Access(AccessKind::Open(AccessMode::Any)),
                Heard::Nothing,
            ),
            (
                EventKind::Access(AccessKind::Close(AccessMode::Read)),
                Heard::Nothing,
            ),
            (
                EventKind::Access(AccessKind::Close(AccessMode::Write)),
                Heard::Closed,
            ),
            (
                EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)),
                Heard::Nothing,
            ),
            (
                EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)),
                Heard::Changed,
            ),
            (
                EventKind::Modify(ModifyKind::Data(DataChange::Any)),
                Heard::Written,
            ),
            (EventKind::Create(CreateKind::File), Heard::New),
            (
                EventKind::Modify(ModifyKind::Name(RenameMode::To)),
                Heard::New,
            ),
            (
                EventKind::Modify(ModifyKind::Name(RenameMode::From)),
                Heard::Gone,
            ),
            (EventKind::Remove(RemoveKind::Folder), Heard::Gone),
            (EventKind::Any, Heard::Changed),
        ] {
            assert_eq!(Heard::of(&Event::new(kind)), heard, "{kind:?}");
        }
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(Heard::of(&lost), Heard::Lost);
    }
}
