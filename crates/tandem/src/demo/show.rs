//! What a person sees while the demo runs.

use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::Demo;
use crate::demo::episode::{Ending, Play};
use crate::demo::report::Outcome;
use crate::progress;

/// A progress bar, or plain lines.
pub(crate) struct Show {
    bar: Option<ProgressBar>,
}

impl Show {
    pub(crate) fn new(arguments: &Demo) -> Self {
        let extra = u32::from(!arguments.keep_system2);
        let total = arguments.episodes + arguments.redirected.min(arguments.episodes) + extra;
        let bar = (!arguments.headless).then(|| {
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}")
                .unwrap_or_else(|_broken| ProgressStyle::default_bar());
            ProgressBar::new(u64::from(total)).with_style(style)
        });
        Self { bar }
    }

    /// An episode begins.
    pub(crate) fn instruction(&self, play: Play, text: &str) {
        if let Some(bar) = &self.bar {
            let note = match play {
                Play::Named => "",
                Play::Redirected => " (another object)",
                Play::System2Dies => " (System 2 will die)",
            };
            bar.set_message(format!("\"{text}\"{note}"));
        }
    }

    /// An episode is over.
    pub(crate) fn episode(&self, outcome: &Outcome) {
        let Some(played) = outcome.played.last() else { return };
        let ending = match &played.ending {
            Ending::Reached(after) => format!("reached after {:.1} s", after.as_secs_f64()),
            Ending::TimedOut { nearest } => {
                let object = nearest.and_then(|index| played.objects.get(index));
                format!("not reached; nearest to {}", object.map_or("nothing", String::as_str))
            }
            Ending::Held(hold) => format!("held: {}", hold.cause),
        };
        self.line(&format!("seed {}: \"{}\": {ending}", played.seed, played.instruction));
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    pub(crate) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => progress::line(bar, text),
            None => println!("{text}"),
        }
    }
}
