//! The host's component handler.

use std::sync::{Mutex, PoisonError};

use vst3::ComPtr;
use vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler2, IComponentHandler2Trait, IComponentHandlerTrait,
    RestartFlags_,
};
use vst3::Steinberg::kResultOk;

use crate::host::News;

/// The host's component handler, as far as it is known.
#[derive(Default)]
pub(super) struct Handler(Mutex<Option<ComPtr<IComponentHandler>>>);

impl Handler {
    /// The host gave a handler, or took it back.
    pub(super) fn set(&self, handler: Option<ComPtr<IComponentHandler>>) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, handler);
        drop(place);
        // Releasing may run the host's code.
        drop(before);
    }

    /// Tells the news. Main thread. Without a handler they stay.
    pub(super) fn tell(&self, news: News) -> News {
        let place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(handler) = place.clone() else {
            return news;
        };
        // The host may come back with a new handler from inside its answer.
        drop(place);
        if news.parameters {
            let flags = RestartFlags_::kParamTitlesChanged | RestartFlags_::kParamValuesChanged;
            // SAFETY: we hold a reference, and are on the main thread.
            let result = unsafe { handler.restartComponent(flags) };
            if result != kResultOk {
                nice_plug::nice_warn!("The host did not take new parameter names ({result})");
            }
        }
        // A host without the second interface cannot be told; nothing waits for it.
        if news.dirty
            && let Some(handler) = handler.cast::<IComponentHandler2>()
        {
            // SAFETY: as above.
            unsafe { handler.setDirty(1) };
        }
        News::default()
    }
}
