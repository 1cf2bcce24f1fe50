//! Whose token is minted next: those that visitors ask for first, in the order in which they ask; and how long that will
//! take, as far as anybody can tell.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// How many are minted at a time: one that hangs does not hold up all others.
const WIDTH: usize = 4;
/// The API hands out one token a second.
const PACE: Duration = Duration::from_secs(1);

/// Those whose token is being minted, and those that wait for that.
#[derive(Debug)]
pub(super) struct Queue(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Since when each is being minted.
    begun: BTreeMap<String, Instant>,
    waiting: Vec<Waiting>,
    /// Which visitor's question was the last.
    questions: u64,
    /// How long minting takes, lately.
    usual: Duration,
}

#[derive(Debug)]
struct Waiting {
    name: String,
    /// When a visitor asked first; none has so far: after all others.
    rank: u64,
    go: oneshot::Sender<()>,
}

/// A turn to mint; it is over with the value.
#[derive(Debug)]
pub(super) struct Turn {
    name: String,
    line: Arc<Queue>,
}

impl Default for Queue {
    fn default() -> Self {
        Self(Mutex::new(State {
            begun: BTreeMap::new(),
            waiting: Vec::new(),
            questions: 0,
            usual: PACE,
        }))
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is this organization's turn.
    pub(super) async fn turn(self: &Arc<Self>, name: &str) -> Turn {
        let (go, gone) = oneshot::channel();
        self.join(name, go);
        // The sender waits in the line, and goes only by sending.
        let _ = gone.await;
        Turn {
            name: name.to_owned(),
            line: Arc::clone(self),
        }
    }

    fn join(&self, name: &str, go: oneshot::Sender<()>) {
        let mut state = self.state();
        state.waiting.push(Waiting {
            name: name.to_owned(),
            rank: u64::MAX,
            go,
        });
        state.advance();
    }

    /// A visitor asks for an organization that has no token: it is next after those that were asked for before.
    pub(super) fn asked(&self, name: &str) {
        let mut state = self.state();
        state.questions += 1;
        let rank = state.questions;
        let waiting = state.waiting.iter_mut().find(|one| one.name == name);
        if let Some(one) = waiting.filter(|one| one.rank == u64::MAX) {
            one.rank = rank;
        }
    }

    /// How long an organization's token will take; none if it is neither being minted nor waits.
    pub(super) fn expected(&self, name: &str) -> Option<Duration> {
        let state = self.state();
        // Of what takes longer than usual, the best guess is that half of it is over.
        let left = |begun: &Instant| {
            let taken = begun.elapsed();
            state.usual.saturating_sub(taken).max(taken)
        };
        if let Some(begun) = state.begun.get(name) {
            return Some(left(begun));
        }
        let place = state.waiting.iter().position(|one| one.name == name)?;
        let rank = (state.waiting[place].rank, place);
        let before = |(n, one): &(usize, &Waiting)| (one.rank, *n) < rank;
        let before = state.waiting.iter().enumerate().filter(before).count();
        let width = u32::try_from(WIDTH).unwrap_or(1);
        let each = PACE.max(state.usual / width);
        let first = state.begun.values().map(left).min().unwrap_or_default();
        let steps = u32::try_from(before + 1).unwrap_or(u32::MAX);
        Some(first.saturating_add(each.saturating_mul(steps)))
    }
}

impl State {
    /// Lets those go for whom there is room.
    fn advance(&mut self) {
        while self.begun.len() < WIDTH {
            let next = (0..self.waiting.len()).min_by_key(|&n| (self.waiting[n].rank, n));
            let Some(next) = next else {
                return;
            };
            let one = self.waiting.remove(next);
            // Somebody who does not wait any more has lost the turn.
            if one.go.send(()).is_ok() {
                self.begun.insert(one.name, Instant::now());
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.line.state();
        if let Some(begun) = state.begun.remove(&self.name) {
            // A quarter of it counts, so that one that hung is soon forgotten.
            state.usual = (state.usual * 3 + begun.elapsed()) / 4;
        }
        state.advance();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::time::{advance, sleep};

    use super::*;

    /// Organizations that take their turn, and the order in which they had it.
    fn queue(line: &Arc<Queue>, names: u32, takes: Duration) -> Arc<Mutex<Vec<String>>> {
        let done = Arc::new(Mutex::new(Vec::new()));
        for n in 0..names {
            let (line, done) = (Arc::clone(line), Arc::clone(&done));
            tokio::spawn(async move {
                let turn = line.turn(&n.to_string()).await;
                sleep(takes).await;
                done.lock().unwrap().push(n.to_string());
                drop(turn);
            });
        }
        done
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_asked_for_comes_first_and_in_the_order_of_asking() {
        let line = Arc::new(Queue::default());
        let done = queue(&line, 20, Duration::from_secs(4));
        tokio::task::yield_now().await;
        for name in ["19", "3", "7", "19", "12"] {
            line.asked(name);
        }
        sleep(Duration::from_secs(9)).await;
        let order = done.lock().unwrap().clone();
        assert_eq!(order[..4], ["0", "1", "2", "3"]);
        assert_eq!(order[4..], ["19", "7", "12", "4"]);
        sleep(Duration::from_mins(1)).await;
        assert_eq!(done.lock().unwrap().len(), 20);
        assert_eq!(line.expected("3"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_expectation_grows_with_the_line() {
        let line = Arc::new(Queue::default());
        let _done = queue(&line, 60, Duration::from_secs(4));
        tokio::task::yield_now().await;
        let expected = |name: &str| line.expected(name).unwrap().as_secs();
        assert!(expected("0") <= 1);
        assert!((50..=62).contains(&expected("59")), "{}", expected("59"));
        line.asked("59");
        assert!(expected("59") <= 3, "{}", expected("59"));
        assert!((50..=62).contains(&expected("58")));
        // Half of them later.
        sleep(Duration::from_secs(30)).await;
        assert!((20..=40).contains(&expected("58")), "{}", expected("58"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_hangs_is_expected_to_take_as_long_again() {
        let line = Arc::new(Queue::default());
        let _done = queue(&line, 1, Duration::from_secs(1000));
        tokio::task::yield_now().await;
        advance(Duration::from_secs(40)).await;
        assert_eq!(line.expected("0"), Some(Duration::from_secs(40)));
    }
}
