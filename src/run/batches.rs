//! Sharing out the entries of a site.

/// Hands on several items at once, so that threads seldom wait for each other; the more the further on, so that those of a
/// small site are still shared out.
pub(super) struct Batches<I> {
    items: I,
    handed_on: usize,
}

impl<I: Iterator> Batches<I> {
    pub(super) fn of(items: I) -> Self {
        Self {
            items,
            handed_on: 0,
        }
    }
}

impl<I: Iterator> Iterator for Batches<I> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Vec<I::Item>> {
        let size = (self.handed_on / 64).clamp(1, 32);
        let batch: Vec<_> = self.items.by_ref().take(size).collect();
        self.handed_on += batch.len();
        (!batch.is_empty()).then_some(batch)
    }
}
