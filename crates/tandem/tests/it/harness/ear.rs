//! Listening to one topic.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_bus::{Bus, Garbage, Subscription, Topic};
use tandem_wire::Message;

use super::wait_until;

/// The most messages kept: four seconds of joint states.
const HEARD_MAX: usize = 4096;

/// The newest messages of a topic, in the order in which they came.
pub(crate) struct Ear<M> {
    heard: Arc<Mutex<VecDeque<M>>>,
    _subscription: Subscription,
}

impl<M: Message + Clone + Send + 'static> Ear<M> {
    pub(crate) fn on(bus: &Bus, topic: &Topic<M>) -> Self {
        let heard = Arc::new(Mutex::new(VecDeque::with_capacity(HEARD_MAX)));
        let ear = heard.clone();
        let hear = move |message| {
            let mut heard = lock(&ear);
            if heard.len() == HEARD_MAX {
                heard.pop_front();
            }
            heard.push_back(message);
        };
        let subscription = bus.subscribe(topic, &Garbage::default(), hear).unwrap();
        Self { heard, _subscription: subscription }
    }

    /// Everything heard since it was last forgotten.
    pub(crate) fn heard(&self) -> Vec<M> {
        lock(&self.heard).iter().cloned().collect()
    }

    pub(crate) fn newest(&self) -> Option<M> {
        lock(&self.heard).back().cloned()
    }

    pub(crate) fn forget(&self) {
        lock(&self.heard).clear();
    }

    /// The next messages, from now on.
    pub(crate) fn next(&self, count: usize) -> Vec<M> {
        self.forget();
        let what = format!("{count} times {} came", M::TYPE);
        wait_until(&what, || lock(&self.heard).len() >= count);
        self.heard()
    }
}

fn lock<M>(heard: &Mutex<VecDeque<M>>) -> MutexGuard<'_, VecDeque<M>> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}
