//! Puts what parallel workers finish back into the order of the walk.

use std::collections::BTreeMap;

/// Holds what is ahead of its turn.
pub(super) struct InOrder<T> {
    next: usize,
    waiting: BTreeMap<usize, T>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
        }
    }
}

impl<T> InOrder<T> {
    /// Takes what came `index`-th, and hands on all whose turn it is.
    pub(super) fn push(&mut self, index: usize, item: T, mut hand_on: impl FnMut(T)) {
        self.waiting.insert(index, item);
        while let Some(item) = self.waiting.remove(&self.next) {
            self.next += 1;
            hand_on(item);
        }
    }

    /// Hands on what is left, after a run that was cut short.
    pub(super) fn finish(self, hand_on: impl FnMut(T)) {
        self.waiting.into_values().for_each(hand_on);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restores_the_order() {
        let mut order = InOrder::default();
        let mut seen = Vec::new();
        for index in [2, 0, 4, 1] {
            order.push(index, index, |item| seen.push(item));
        }
        assert_eq!(seen, [0, 1, 2]);
        order.finish(|item| seen.push(item));
        assert_eq!(seen, [0, 1, 2, 4]);
    }
}
