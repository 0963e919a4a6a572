//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use crate::root;

/// The rooms, from the ground up. A room depends only on rooms of lower layers.
pub(crate) const LAYERS: &[&[&str]] = &[
    &["types", "networks", "protocol"],
    &["latest", "robot", "realtime", "wire", "bundle", "actions"],
    &["guard", "inference"],
    &["control", "bus", "system1", "system2"],
    &["config"],
    &["sim", "firmware-bridge"],
    &["evaluate"],
    &["learn", "runtime"],
    &["study"],
    &["tandem"],
];

/// A library that only some rooms may name: the room that hides it from all others.
const HIDDEN: &[(&str, &[&str])] = &[
    ("zenoh", &["bus"]),
    ("libc", &["realtime"]),
    ("rustix", &["realtime"]),
    ("ort", &["inference"]),
    ("candle-core", &["inference", "learn"]),
    ("candle-nn", &["inference", "learn"]),
    ("rapier3d", &["sim"]),
    ("tokenizers", &["actions"]),
    ("serialport", &["firmware-bridge"]),
    ("socketcan", &["firmware-bridge"]),
    ("anyhow", &["tandem"]),
    // Only its `watch` channel, to be compared with ours; nothing of tandem is async.
    ("tokio", &["tandem"]),
];

/// Rooms that run in the control tick or are pure mathematics, and what they must not reach even
/// through others.
const TICK: &[&str] = &["types", "latest", "robot", "actions", "guard", "control"];
const NEVER_IN_TICK: &[&str] =
    &["tokio", "zenoh", "ort", "ort-sys", "candle-core", "candle-nn", "tracing"];

#[test]
fn arrows_point_down() -> Result<()> {
    let metadata = metadata()?;
    let rooms = rooms(&metadata)?;
    for (room, package) in &rooms {
        for dependency in normal(package) {
            let Some(below) = room_of(dependency) else { continue };
            assert!(
                layer(below) < layer(room),
                "`{room}` depends on `{below}`, which is not in a lower layer"
            );
        }
    }
    Ok(())
}

#[test]
fn hidden_libraries_stay_hidden() -> Result<()> {
    let metadata = metadata()?;
    for (room, package) in rooms(&metadata)? {
        for dependency in normal(package) {
            for (library, allowed) in HIDDEN {
                assert!(
                    dependency != *library || allowed.contains(&room),
                    "`{room}` names `{library}`, which only {allowed:?} may"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn the_tick_reaches_no_runtime() -> Result<()> {
    let metadata = metadata()?;
    let rooms = rooms(&metadata)?;
    for room in TICK {
        let package = rooms.get(room).context("a tick room is missing")?;
        for name in reachable(&metadata, &package.id)? {
            assert!(!NEVER_IN_TICK.contains(&name), "`{room}` reaches `{name}`");
        }
    }
    Ok(())
}

#[test]
fn every_room_has_a_layer() -> Result<()> {
    let metadata = metadata()?;
    let found: BTreeSet<_> = rooms(&metadata)?.into_keys().collect();
    let known: BTreeSet<_> = LAYERS.iter().flat_map(|layer| layer.iter().copied()).collect();
    assert_eq!(found, known, "the layers here and the rooms of the workspace differ");
    Ok(())
}

fn metadata() -> Result<Metadata> {
    Ok(MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec()?)
}

fn rooms(metadata: &Metadata) -> Result<BTreeMap<&str, &Package>> {
    let packages = metadata.workspace_packages().into_iter();
    Ok(packages.filter_map(|package| Some((room_of(&package.name)?, package))).collect())
}

fn room_of(package: &str) -> Option<&str> {
    if package == "tandem" { Some(package) } else { package.strip_prefix("tandem-") }
}

fn layer(room: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&room))
        .unwrap_or_else(|| panic!("the room `{room}` stands in no layer"))
}

fn normal(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies.filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.as_str())
}

/// The names of all packages that `start` needs at run time, itself left out.
fn reachable<'a>(metadata: &'a Metadata, start: &'a PackageId) -> Result<BTreeSet<&'a str>> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata resolved nothing")?;
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        let node = resolve.nodes.iter().find(|node| node.id == *id).context("a missing node")?;
        for dependency in &node.deps {
            // Under `cfg(loom)` the channel is model-checked, not run.
            let is_loom = |kind: &cargo_metadata::DepKindInfo| {
                kind.target.as_ref().is_some_and(|target| target.to_string() == "cfg(loom)")
            };
            let is_normal = |kind: &cargo_metadata::DepKindInfo| {
                kind.kind == DependencyKind::Normal && !is_loom(kind)
            };
            if dependency.dep_kinds.iter().any(is_normal) && seen.insert(&dependency.pkg) {
                names.insert(metadata[&dependency.pkg].name.as_str());
                open.push(&dependency.pkg);
            }
        }
    }
    Ok(names)
}
