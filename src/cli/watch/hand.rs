//! Ctrl-C: nothing else ends a watch.

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::ExitCode;
use crate::store::Cancel;

/// The pages in hand. While there are some, the program does not end.
#[derive(Clone, Default)]
pub(super) struct Hand {
    pages: Arc<Mutex<()>>,
    cancel: Arc<Cancel>,
}

impl Hand {
    /// Ends the program upon Ctrl-C or a termination signal, as soon as no page is in hand; what takes long is given up.
    pub(super) fn listen() -> Self {
        let hand = Self::default();
        let Self { pages, cancel } = hand.clone();
        // Where no handler can be set, the signal ends the process at once; every page is whole all the same.
        let _ = ctrlc::set_handler(move || {
            cancel.set();
            let _none = pages.lock();
            // Watches are meant to be ended so.
            process::exit(ExitCode::Success.number().into());
        });
        hand
    }

    /// By which a run is asked to stop.
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Takes pages in hand until what is returned is dropped.
    pub(super) fn take(&self) -> MutexGuard<'_, ()> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
