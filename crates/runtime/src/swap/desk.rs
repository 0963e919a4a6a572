//! Where operators ask for policies, and where their answers come from.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use tandem_bundle::{BUNDLE_FILE, Mismatch, RoleName};
use tandem_config::PoliciesSection;
use tandem_inference::EngineKind;
use tandem_wire::{BUNDLES_MAX, PolicyBundle, PolicyKind, PolicyReply, PolicyRequest};

use crate::error::StartError;
use crate::policies::Fitting;
use crate::swap::board::End;
use crate::swap::{Board, Order};

/// The longest time in the shadow, s: what an operator waits for, and a bound on what is kept of it.
const SHADOW_S_MAX: f64 = 60.0;

/// Serves the policy key, on a thread of its own: reading bundles may take a while.
pub(crate) struct PolicyDesk {
    pub(crate) board: Arc<Board>,
    /// What may be swapped in, and where orders for it go; `None` if the config allows none.
    pub(crate) shop: Option<(PoliciesSection, SyncSender<Order>)>,
    pub(crate) fitting: Fitting,
    /// What runs a policy if nobody says otherwise.
    pub(crate) engine: EngineKind,
}

impl PolicyDesk {
    pub(crate) fn handle(&self, request: &PolicyRequest) -> PolicyReply {
        match request.kind {
            PolicyKind::Progress => self.board.progress(),
            PolicyKind::List => match &self.shop {
                Some((settings, _)) => self.list(&settings.folder),
                None => no(nothing_at_hand()),
            },
            PolicyKind::Swap => self.swap(request).unwrap_or_else(no),
        }
    }

    /// The bundles at hand. One of the other system is none of them.
    fn list(&self, folder: &Path) -> PolicyReply {
        let names = match names(folder) {
            Ok(names) => names,
            Err(reason) => return no(reason),
        };
        let bundles: Vec<_> =
            names.into_iter().filter_map(|name| self.describe(folder, name)).collect();
        let message = format!("{} System 1 bundles in {}", bundles.len(), folder.display());
        PolicyReply { ok: true, message, bundles, ..self.board.progress() }
    }

    fn describe(&self, folder: &Path, name: String) -> Option<PolicyBundle> {
        let dir = folder.join(&name);
        let fault = match self.fitting.bundle(RoleName::System1, &dir) {
            Ok(_) => String::new(),
            Err(StartError::Mismatch { mismatches, .. })
                if matches!(mismatches[..], [Mismatch::Role { .. }]) =>
            {
                return None;
            }
            Err(error) => error.to_string(),
        };
        let active = self.board.active();
        let is_active = same(&active.dir, &dir);
        let engine = if is_active { active.engine.to_string() } else { String::new() };
        Some(PolicyBundle { name, active: is_active, engine, fault })
    }

    fn swap(&self, request: &PolicyRequest) -> Result<PolicyReply, String> {
        let (settings, orders) = self.shop.as_ref().ok_or_else(nothing_at_hand)?;
        let folder = &settings.folder;
        let name = &request.name;
        if !names(folder)?.contains(name) {
            let there = self.list(folder).bundles.into_iter().map(|bundle| bundle.name);
            let there = there.collect::<Vec<_>>().join("`, `");
            return Err(format!("no bundle `{name}` in {}: there are `{there}`", folder.display()));
        }
        let engine = match &*request.engine {
            "" => self.engine,
            word => word.parse().map_err(|error| format!("{error}"))?,
        };
        if !(0.0..=SHADOW_S_MAX).contains(&request.shadow_s) {
            let seconds = request.shadow_s;
            return Err(format!("a shadow of {seconds} s: write 0 to {SHADOW_S_MAX}"));
        }
        let number = self.board.begin().map_err(|line| {
            format!("a swap is under way ({line}): ask again when it has come to its end")
        })?;
        let shadow = Duration::from_secs_f64(request.shadow_s);
        // Only the beginning of a swap makes an order, so that there is room for it.
        if orders.try_send(Order { dir: folder.join(name), engine, shadow }).is_err() {
            let reason = "the swapping thread is gone: restart the daemon to swap again";
            self.board.end(End::Kept, reason.to_owned());
            return Err(reason.to_owned());
        }
        let message = format!("swap {number} to `{name}` on {engine} begins");
        let begun = PolicyReply { ok: true, under_way: true, ..PolicyReply::default() };
        Ok(PolicyReply { message, swap: number, ..begun })
    }
}

/// The sub-folders that hold a bundle, sorted. What begins with a dot is one in the making.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder)
        .map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let names = entries.flatten().filter(|entry| entry.path().join(BUNDLE_FILE).is_file());
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names.truncate(BUNDLES_MAX);
    Ok(names)
}

/// Whether two paths lead to one folder, however they are spelled.
fn same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn nothing_at_hand() -> String {
    "this config lets no policy be swapped in: add a [policies] section, as in \
     configs/reference.toml, and restart the daemon"
        .to_owned()
}

fn no(message: String) -> PolicyReply {
    PolicyReply { ok: false, message, ..PolicyReply::default() }
}
