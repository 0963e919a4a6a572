//! Processes come and go in any order.

use std::sync::mpsc::channel;

use tandem_bus::{Garbage, Keys};
use tandem_wire::{Receipt, Truth};

use crate::harness::{connecting, free_endpoint, listening, receive, wait_until};

#[test]
fn whoever_connects_may_come_first_and_the_listener_may_come_back() {
    let endpoint = free_endpoint();
    let keys = Keys::new("arm").unwrap();
    let daemon = connecting(&endpoint);
    let (sender, received) = channel();
    let _subscription = daemon
        .subscribe(&keys.truth(), &Garbage::default(), move |truth: Truth| {
            sender.send(truth.episode).unwrap();
        })
        .unwrap();
    let receipts = daemon.publisher(&keys.receipt()).unwrap();
    assert_eq!(daemon.peers(), 0);

    for life in 1..=3 {
        let simulator = listening(&endpoint);
        let mut publisher = simulator.publisher(&keys.truth()).unwrap();
        let truth = Truth { episode: life, ..Truth::default() };
        // What the life before sent may still be on its way.
        wait_until("this life is heard", || {
            receive(&received, || publisher.send(&truth).unwrap()) == life
        });
        // Declarations made before the link was there hold in the other direction, too.
        let _robot_side =
            simulator.subscribe(&keys.receipt(), &Garbage::default(), |_: Receipt| {}).unwrap();
        wait_until("the robot's subscription is known", || receipts.has_subscribers());
        drop(simulator);
        wait_until("the loss is known", || daemon.peers() == 0 && !receipts.has_subscribers());
    }
}
