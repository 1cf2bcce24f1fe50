//! Whether consent is still waited for once a plan is carried out.

use super::facts::Facts;
use super::plan::{Change, Plan};
use crate::widget::Scope;

impl Facts {
    /// Whether the one instance that a plan leaves is held back for consent.
    #[must_use]
    pub fn held_one_stays(&self, plan: &Plan, scope: Scope) -> bool {
        let goes = |at: usize| {
            let mut changes = plan.changes.iter();
            changes.any(|c| matches!(c, Change::Fold(i) | Change::Remove(i) if *i == at))
        };
        self.instances_in(scope)
            .any(|(at, instance)| instance.hold().is_some() && !goes(at))
    }
}
