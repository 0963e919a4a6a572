//! The node over the bus: it tells, it obeys, it refuses, it lays scenes, it stops.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Garbage, Keys, Subscription, Topic};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_sim::node::{self, NodeError};
use tandem_types::{Command, Epoch, JointVec, Sequence, State};
use tandem_wire::{EpisodeRequest, JointCommand, Message, Refusal};

/// No test waits longer than this for a message; it is no measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running node and a session with it.
struct Running {
    bus: Bus,
    keys: Keys,
    joints: Vec<String>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<(), NodeError>>,
}

impl Running {
    fn start() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../configs/so101.toml");
        let endpoint = |_| {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            format!("tcp/127.0.0.1:{port}")
        };
        let [robot, daemon] = [0, 1].map(endpoint);
        let config = Config::load(&file).unwrap().with_endpoints(&robot, &daemon).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let (joints, raised) = (config.robot.joints.clone(), stop.clone());
        let keys = Keys::new(&config.robot.name).unwrap();
        let thread = thread::spawn(move || node::run(&config, &raised));
        let bus = Bus::open(&BusConfig { listen: vec![], connect: vec![robot] }).unwrap();
        Self { bus, keys, joints, stop, thread }
    }

    fn listen<M: Message + Send + 'static>(&self, topic: &Topic<M>) -> (Receiver<M>, Subscription) {
        let (sender, receiver) = sync_channel(1000);
        let garbage = Garbage::default();
        let subscription =
            self.bus.subscribe(topic, &garbage, move |message| drop(sender.try_send(message)));
        (receiver, subscription.unwrap())
    }

    fn state(&self) -> State {
        let (states, _subscription) = self.listen(&self.keys.state());
        states.recv_timeout(PATIENCE).unwrap().to_state(&self.joints).unwrap()
    }

    fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap().unwrap();
    }
}

#[test]
fn it_tells_what_it_measures_and_sees() {
    let node = Running::start();
    let state = node.state();
    assert_eq!(state.q.len(), 6);
    assert!(state.stamp.age_at(MonotonicClock.now()) < PATIENCE);
    for camera in ["front", "wrist"] {
        let (images, _subscription) = node.listen(&node.keys.camera(camera).unwrap());
        let image = images.recv_timeout(PATIENCE).unwrap();
        assert_eq!((image.width_px, image.height_px, &*image.frame_id), (96, 96, camera));
        assert!(image.data.iter().any(|byte| *byte > 60), "the {camera} camera sees nothing");
    }
    let (truths, _subscription) = node.listen(&node.keys.truth());
    let truth = truths.recv_timeout(PATIENCE).unwrap();
    assert!(!truth.succeeded && truth.distances_m.len() >= 2);
    node.finish();
}

#[test]
fn it_lays_the_scene_asked_for() {
    let node = Running::start();
    node.state();
    let request = EpisodeRequest { seed: 99, settle: true, ..EpisodeRequest::default() };
    let ask = || node.bus.ask(&node.keys.episode(), &request, PATIENCE).unwrap();
    let (first, second) = (ask(), ask());
    assert!(first.ok && second.ok, "{}", first.message);
    assert_eq!((&first.instruction, &first.objects), (&second.instruction, &second.objects));
    assert_eq!(second.episode, first.episode + 1);
    node.finish();
}

#[test]
fn it_obeys_fresh_commands_and_tells_why_it_refuses_others() {
    let node = Running::start();
    let start = node.state();
    let (receipts, _subscription) = node.listen(&node.keys.receipt());
    let mut commands = node.bus.publisher(&node.keys.command()).unwrap();
    let epoch = Epoch::at(MonotonicClock.now());
    let mut send = |sequence: u64, q: JointVec| {
        let command = Command { q, dq: JointVec::zeros(6) };
        let stamp = MonotonicClock.now();
        let valid_for = Duration::from_millis(50);
        let sequence = Sequence(sequence);
        commands.send(&JointCommand { stamp, epoch, sequence, valid_for, command }).unwrap();
    };
    let mut goal = start.q;
    goal[0] += 0.2;
    let mut sequence = 0;
    let receipt = loop {
        sequence += 1;
        send(sequence, goal);
        // The same one again is old news.
        send(sequence, goal);
        let receipt = receipts.recv_timeout(PATIENCE).unwrap();
        if receipt.applied > 100 && receipt.refused > 0 {
            break receipt;
        }
    };
    assert_eq!((receipt.command_epoch, receipt.refusal), (epoch, Refusal::Sequence));
    assert!((node.state().q[0] - goal[0]).abs() < 0.1, "{:?}", node.state().q);

    // Garbage changes nothing.
    node.bus.publish_raw(node.keys.command().key(), b"garbage").unwrap();
    node.bus.publish_raw(node.keys.episode().key(), &[0xff; 100]).unwrap();
    node.state();
    node.finish();
}
