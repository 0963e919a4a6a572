//! `tandem eval`: episodes in virtual time.

mod goals;
mod representations;
mod tasks;

use core::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tandem_bundle::Bundle;
use tandem_config::Config;
use tandem_evaluate::{Cameras, Pacing, Pair, Played, Proportion, play};
use tandem_runtime::engine_kind;
use tandem_sim::{
    Episode, Expert, ExpertPilot, Lockstep, LockstepConfig, SimConfig, Verdict, World,
};
use tandem_system1::{Eye, Policy};
use tandem_system2::Model;

use crate::arguments::{Eval, EvalWhat};
use crate::conditions::Watch;
use crate::demo::share;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::{json as file, progress};

/// What a thought of System 2 takes on a small machine, from look to latent goal.
pub(crate) const THOUGHT_LATENCY: Duration = Duration::from_millis(30);

pub(crate) fn run(arguments: &Eval) -> Result<(), Failure> {
    match arguments.what {
        Some(EvalWhat::Representations) => return representations::run(arguments),
        Some(EvalWhat::Tasks) => return tasks::run(arguments),
        Some(EvalWhat::Goals) => return goals::run(arguments),
        None => {}
    }
    let interrupt = Interrupt::install()?;
    let watch = Watch::start();
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let sim = SimConfig::from_config(&config)?;
    let expert = Expert::new(&sim)?;
    let world = World::new(sim, arguments.seed)?;
    let settings = if arguments.expert {
        LockstepConfig::from_config(&config)?
    } else {
        as_in_the_daemon(&config)?
    };
    let mut lockstep = Lockstep::new(world, settings)?;

    let seeds = arguments.seed..arguments.seed + u64::from(arguments.episodes);
    let redirected = arguments.redirected;
    let episodes =
        seeds.map(|seed| Episode { judge_alternative: redirected, ..Episode::new(seed) });
    let bar = progress::bar(u64::from(arguments.episodes));
    let mut played = Vec::new();
    let watch_episode = |episode: &Played| {
        progress::line(&bar, &line(episode));
        bar.inc(1);
        played.push(json!({
            "seed": episode.seed,
            "instruction": episode.instruction,
            "succeeded": episode.succeeded(),
            "duration_s": episode.outcome.duration.as_secs_f64(),
        }));
        if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let reached = if arguments.expert {
        let period = config.system1.period;
        let mut pilot = ExpertPilot { expert, step_period: period, steps: 16 };
        play(&mut lockstep, &mut pilot, episodes, |_, _| {}, watch_episode)?
    } else {
        let bundles = (&config.system1.bundle, &config.system2.bundle);
        let (fast, slow) = (Bundle::load(bundles.0)?, Bundle::load(bundles.1)?);
        let through = arguments.through.as_ref().map(Bundle::load).transpose()?;
        let mut pair = pair(&config, &fast, &slow, through.as_ref())?;
        let reached = play(
            &mut lockstep,
            &mut pair,
            episodes,
            |pair, text| pair.instruct(text),
            watch_episode,
        )?;
        if let Some(failure) = pair.take_failure() {
            return Err(failure.into());
        }
        reached
    };
    bar.finish_and_clear();
    report(arguments, &config, reached, &played, &watch)
}

fn report(
    arguments: &Eval,
    config: &Config,
    reached: Proportion,
    played: &[serde_json::Value],
    watch: &Watch,
) -> Result<(), Failure> {
    println!("reached the object named  {reached}");
    if let Some(path) = &arguments.json {
        let facts = json!({
            "reached": share(reached),
            "bundle": config.system1.bundle,
            "through": arguments.through,
            "redirected": arguments.redirected,
            "expert": arguments.expert,
            "played": played,
            "conditions": watch.finish(Some(arguments.seed)),
        });
        file::write(path, &facts)?;
    }
    Ok(())
}

fn line(played: &Played) -> String {
    let outcome = &played.outcome;
    let ending = match (outcome.verdict, outcome.stopped) {
        (Verdict::Succeeded(after), _) => format!("reached after {:.1} s", after.as_secs_f64()),
        (_, Some(cause)) => format!("stopped: {cause}"),
        _ => {
            let mm: Vec<_> = played.distances_m.iter().map(|m| format!("{:.0}", 1e3 * m)).collect();
            let held = outcome.held.map(|cause| format!("; held: {cause}")).unwrap_or_default();
            format!("not reached; object {} of those at {} mm{held}", played.target, mm.join(", "))
        }
    };
    format!("seed {}: \"{}\": {ending}", played.seed, played.instruction)
}

/// Flies every scene with a pair of policies and gives what came of each; none if it was told to stop.
fn fly_each<T>(
    arguments: &Eval,
    config: &Config,
    [system1, system2]: [&Bundle; 2],
    interrupt: &Interrupt,
    mut fly: impl FnMut(&mut Lockstep, &mut Pair) -> anyhow::Result<T>,
) -> Result<Option<Vec<T>>, Failure> {
    let world = World::new(SimConfig::from_config(config)?, arguments.seed)?;
    let mut lockstep = Lockstep::new(world, as_in_the_daemon(config)?)?;
    let mut pair = pair(config, system1, system2, None)?;
    let bar = progress::bar(u64::from(arguments.episodes));
    bar.set_message(system1.manifest().name.clone());
    let mut flights = Vec::new();
    for seed in arguments.seed..arguments.seed + u64::from(arguments.episodes) {
        lockstep.begin(&Episode::new(seed))?;
        pair.instruct(&lockstep.world().task().instruction);
        flights.push(fly(&mut lockstep, &mut pair)?);
        if let Some(failure) = pair.take_failure() {
            return Err(failure.into());
        }
        bar.inc(1);
        if interrupt.is_raised() {
            return Ok(None);
        }
    }
    bar.finish_and_clear();
    Ok(Some(flights))
}

/// The System 1 in a folder, if one for this System 2 is there.
fn made_for(system2: &Bundle, dir: &Path) -> anyhow::Result<Option<Bundle>> {
    let bundle = Bundle::load(dir)?;
    if bundle.manifest().system1().is_none() {
        return Ok(None);
    }
    if bundle.manifest().latent.model != system2.model_id() {
        println!("{}: made for another System 2 than the config's", dir.display());
        return Ok(None);
    }
    Ok(Some(bundle))
}

/// With the same check of latent goals' ages as in the daemon; the expert has no such goals.
fn as_in_the_daemon(config: &Config) -> anyhow::Result<LockstepConfig> {
    let mut settings = LockstepConfig::from_config(config)?;
    let trained = Bundle::load(&config.system1.bundle)?.manifest().latent;
    settings.control.latent = Some(config.control.latent_alignment(&trained));
    Ok(settings)
}

/// Both systems on the config's engines; System 1's chunks through the tokenizer of another bundle, if
/// there is one.
fn pair(
    config: &Config,
    system1: &Bundle,
    system2: &Bundle,
    through: Option<&Bundle>,
) -> anyhow::Result<Pair> {
    let library = config.onnxruntime.library.as_deref();
    let cameras = Cameras { eye: places(config, system1)?, model: places(config, system2)? };
    let fast = engine_kind(config.system1.engine);
    let pacing = Pacing {
        thought_period: config.system2.period,
        thought_latency: THOUGHT_LATENCY,
        latent_age_min: config.system1.latent_age_min(&system1.manifest().latent),
        step_period: Duration::from_secs_f64(1.0 / f64::from(system1.manifest().rate_hz)),
        steps_max: config.system1.steps_max,
    };
    let policy = Policy::load(system1, fast, library)?;
    let policy = match through {
        Some(tokenizer) => policy.through(tokenizer)?,
        None => policy,
    };
    Ok(Pair::new(
        Eye::load(system1, fast, library)?,
        policy,
        Model::load(system2, engine_kind(config.system2.engine), library)?,
        cameras,
        pacing,
    ))
}

/// Where a bundle's cameras stand in the config's list.
fn places(config: &Config, bundle: &Bundle) -> anyhow::Result<Vec<usize>> {
    let place = |name: &str| {
        let place = config.cameras.iter().position(|camera| camera.name == name);
        place.with_context(|| format!("the config has no camera `{name}`: add that [[camera]]"))
    };
    bundle.manifest().cameras.iter().map(|camera| place(&camera.name)).collect()
}
