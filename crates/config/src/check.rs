//! Everything that is wrong with a config, its robot and its policies, before a motor moves.

use std::fs;
use std::path::Path;

use tandem_bundle::{BUNDLE_FILE, Bundle, CameraInput, Expected, Finding, RoleName};

use crate::config::EngineName;
use crate::error::ConfigError;
use crate::sections::{self, Source};

/// Reads the config in `file`, the URDF and both bundles it names, and lists everything that is
/// wrong with any of them or between them; empty if all is well.
#[must_use]
pub fn check(file: impl AsRef<Path>) -> Vec<Finding> {
    let file = file.as_ref();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            return ConfigError::Read { file: file.to_path_buf(), error }.findings();
        }
    };
    let source = match Source::read(file, &text) {
        Ok(source) => source,
        Err(findings) => return findings,
    };
    let mut findings = sections::config(&source).err().unwrap_or_default();
    findings.extend(bundles(&source));
    findings
}

/// What is wrong with the two bundles. This looks at the config as it is spelled, so that a wrong
/// value elsewhere in it hides nothing here.
fn bundles(source: &Source) -> Vec<Finding> {
    let raw = &source.raw;
    let mut findings = Vec::new();
    let cameras: Vec<CameraInput> = raw
        .camera
        .iter()
        .map(|camera| CameraInput {
            name: camera.name.clone(),
            width_px: camera.width_px,
            height_px: camera.height_px,
        })
        .collect();
    let mut expected = Expected {
        role: RoleName::System2,
        joints: &raw.robot.joints,
        cameras: &cameras,
        control_rate_hz: raw.control.rate_hz,
        system1_rate_hz: Some(raw.system1.rate_hz),
        latent: None,
    };
    let system2 = load(source, "system2", &raw.system2.bundle, &raw.system2.engine, &mut findings);
    if let Some(bundle) = &system2 {
        findings.extend(mismatches(bundle, &expected));
        expected.latent = Some((bundle.manifest().latent.dim, bundle.model_id()));
    }
    expected.role = RoleName::System1;
    let system1 = load(source, "system1", &raw.system1.bundle, &raw.system1.engine, &mut findings);
    if let Some(bundle) = &system1 {
        findings.extend(mismatches(bundle, &expected));
        findings.extend(turn(source, bundle));
    }
    findings
}

/// What is wrong with how long the executor plays a chunk of this policy.
fn turn(source: &Source, policy: &Bundle) -> Option<Finding> {
    let control = &source.raw.control;
    let steps = match control.executor.as_str() {
        "receding" => control.receding.as_ref()?.steps,
        "real_time_chunking" => control.real_time_chunking.as_ref()?.steps,
        _ => return None,
    };
    let action = &policy.manifest().system1()?.action;
    let key = format!("control.{}.steps", control.executor);
    if usize::try_from(steps).is_ok_and(|steps| steps > action.horizon) {
        let horizon = action.horizon;
        let problem = format!("is {steps}, more than the policy's chunks have");
        return Some(source.document.finding(&key, problem, &format!("write at most {horizon}")));
    }
    let turn_ms = 1e3 * action.step_period.as_secs_f64() * f64::from(steps);
    let age_ms_max = source.raw.guard.action_age_ms_max;
    (turn_ms >= age_ms_max).then(|| {
        let problem = format!(
            "is {steps}: {turn_ms} ms of path, and the guard holds when an action is older than \
             guard.action_age_ms_max = {age_ms_max}"
        );
        source.document.finding(&key, problem, "write fewer steps, or raise that age")
    })
}

fn mismatches(bundle: &Bundle, expected: &Expected<'_>) -> Vec<Finding> {
    bundle.mismatches(expected).iter().map(|mismatch| mismatch.finding(bundle)).collect()
}

fn load(
    source: &Source,
    section: &str,
    path: &str,
    engine: &str,
    findings: &mut Vec<Finding>,
) -> Option<Bundle> {
    let dir = source.path(path);
    if !dir.join(BUNDLE_FILE).is_file() {
        let problem = format!("names {}, where there is no {BUNDLE_FILE}", dir.display());
        let mend =
            "write a bundle's folder, relative to this file's, or make one with `tandem train`";
        findings.push(source.document.finding(&format!("{section}.bundle"), problem, mend));
        return None;
    }
    let bundle = Bundle::inspect(&dir)
        .map_err(|errors| findings.extend(errors.into_iter().map(Finding::from)))
        .ok()?;
    if EngineName::from_name(engine) == Some(EngineName::Onnx) {
        for network in bundle.manifest().networks.iter().filter(|spec| spec.onnx.is_none()) {
            let problem = format!(
                "is `onnx`, but network `{}` of {} has no ONNX file",
                network.name,
                dir.display()
            );
            let mend = "run `tandem export` on the bundle, or write `candle`";
            findings.push(source.document.finding(&format!("{section}.engine"), problem, mend));
        }
    }
    Some(bundle)
}
