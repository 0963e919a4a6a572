//! Each end by example, and what holds for any task.

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;

const CONFIG: TaskConfig = TaskConfig {
    done_progress: 0.9,
    done_hysteresis: 0.1,
    done_for: Duration::from_millis(500),
    idle_rad_s: 0.02,
    idle_for: Duration::from_secs(3),
    timeout: Duration::from_secs(20),
};

/// A stretch of a task: for so many ms, progress, speed, and whether the arm may move.
type Stretch = (u64, f32, f64, bool);

/// Plays stretches in steps of 20 ms; says when the task ended, and how.
fn play(stretches: &[Stretch]) -> Option<(u64, TaskEnd)> {
    let mut monitor = TaskMonitor::new(CONFIG);
    let (mut now_ms, mut end) = (0, None);
    for &(length_ms, progress, speed_rad_s, is_under_way) in stretches {
        let until_ms = now_ms + length_ms;
        while now_ms < until_ms {
            now_ms += 20;
            let now = Stamp::from_nanos(now_ms * 1_000_000);
            let sample = TaskSample { now, is_under_way, progress, speed_rad_s };
            if let Some(ended) = monitor.update(&sample) {
                assert!(end.is_none(), "ended twice");
                end = Some((now_ms, ended));
            }
        }
    }
    end
}

/// What it is about, what happens, and when and how the task ends.
type Row = (&'static str, &'static [Stretch], Option<(u64, TaskEnd)>);

#[test]
fn ends() {
    use TaskEnd::{Done, Idle, TimedOut};
    let rows: &[Row] = &[
        (
            "high for long enough",
            &[(1_000, 0.5, 1.0, true), (2_000, 0.95, 1.0, true)],
            Some((1_520, Done)),
        ),
        (
            "a flicker within the hysteresis does not begin anew",
            &[(300, 0.95, 1.0, true), (100, 0.82, 1.0, true), (1_000, 0.95, 1.0, true)],
            Some((520, Done)),
        ),
        (
            "a fall below it does",
            &[(300, 0.95, 1.0, true), (100, 0.75, 1.0, true), (1_000, 0.95, 1.0, true)],
            Some((920, Done)),
        ),
        ("never quite high", &[(5_000, 0.89, 1.0, true)], None),
        ("still", &[(500, 0.2, 1.0, true), (4_000, 0.2, 0.01, true)], Some((3_500, Idle))),
        (
            "a twitch is motion",
            &[(2_900, 0.2, 0.0, true), (20, 0.2, 0.1, true), (2_900, 0.2, 0.0, true)],
            None,
        ),
        ("done beats idle", &[(2_500, 0.2, 0.0, true), (600, 1.0, 0.0, true)], Some((3_020, Done))),
        ("too long", &[(30_000, 0.2, 1.0, true)], Some((20_020, TimedOut))),
        (
            "held, and not counted",
            &[(15_000, 0.2, 1.0, true), (60_000, 1.0, 0.0, false), (3_000, 0.2, 1.0, true)],
            None,
        ),
        ("no number is no progress", &[(5_000, f32::NAN, 1.0, true)], None),
    ];
    for (name, stretches, expected) in rows {
        assert_eq!(play(stretches), *expected, "{name}");
    }
}

fn sample() -> impl Strategy<Value = (u64, f32, f64, bool)> {
    let progress = prop_oneof![8 => 0.0_f32..1.0, 1 => any::<f32>()];
    let speed = prop_oneof![4 => -0.05_f64..0.05, 1 => any::<f64>()];
    (0..2_000_u64, progress, speed, prop::bool::weighted(0.9))
}

#[test]
fn a_new_task_begins_with_nothing_seen() {
    let mut monitor = TaskMonitor::new(CONFIG);
    let mut now_ms = 0;
    let mut still = |monitor: &mut TaskMonitor, for_ms: u64| {
        let until_ms = now_ms + for_ms;
        let mut end = None;
        while now_ms < until_ms {
            now_ms += 20;
            let now = Stamp::from_nanos(now_ms * 1_000_000);
            let sample = TaskSample { now, is_under_way: true, progress: 0.0, speed_rad_s: 0.0 };
            end = end.or(monitor.update(&sample));
        }
        end
    };
    let almost_ms = u64::try_from(CONFIG.idle_for.as_millis()).unwrap() - 100;
    assert_eq!(still(&mut monitor, almost_ms), None);
    monitor.restart();
    assert_eq!(still(&mut monitor, almost_ms), None, "what stood still before was another task");
    assert_eq!(still(&mut monitor, 200), Some(TaskEnd::Idle));
    monitor.restart();
    assert_eq!(still(&mut monitor, almost_ms + 200), Some(TaskEnd::Idle), "it ends again");
}

#[test]
fn ends_are_counted_by_their_names() {
    let names = [TaskEnd::Done, TaskEnd::Idle, TaskEnd::TimedOut].map(TaskEnd::code);
    assert_eq!(names, ["done", "idle", "timed_out"]);
}

proptest! {
    #[test]
    fn a_task_ends_once_and_for_a_reason(
        samples in prop::collection::vec(sample(), 0..80),
    ) {
        let mut monitor = TaskMonitor::new(CONFIG);
        let (mut now_ms, mut under_way_ms, mut ends) = (0, 0, Vec::new());
        for (index, &(gap_ms, progress, speed_rad_s, is_under_way)) in samples.iter().enumerate() {
            now_ms += gap_ms;
            let now = Stamp::from_nanos(now_ms * 1_000_000);
            if is_under_way && index > 0 && ends.is_empty() {
                under_way_ms += gap_ms;
            }
            let sample = TaskSample { now, is_under_way, progress, speed_rad_s };
            let Some(end) = monitor.update(&sample) else { continue };
            prop_assert!(is_under_way, "nothing ends while the arm is held");
            match end {
                TaskEnd::Done => prop_assert!(progress > 0.799),
                TaskEnd::Idle => prop_assert!(speed_rad_s.abs() < 0.02 && under_way_ms >= 3_000),
                TaskEnd::TimedOut => prop_assert!(under_way_ms >= 20_000),
            }
            ends.push(end);
        }
        prop_assert!(ends.len() <= 1);
        // There is no way to be under way for longer than the time-out and not end.
        prop_assert!(!ends.is_empty() || under_way_ms < 20_000);
    }

    #[test]
    fn time_that_goes_back_ends_nothing(
        samples in prop::collection::vec((any::<u64>(), 0.0_f32..0.8), 1..50),
    ) {
        let mut monitor = TaskMonitor::new(TaskConfig { timeout: Duration::MAX, ..CONFIG });
        for (nanos, progress) in samples {
            let now = Stamp::from_nanos(nanos);
            let sample = TaskSample { now, is_under_way: true, progress, speed_rad_s: 1.0 };
            prop_assert_eq!(monitor.update(&sample), None);
        }
    }
}
