//! The cameras of a lockstep run: pictures are drawn only when somebody looks at them.

use core::time::Duration;

use tandem_types::{Frame, Stamp};

use crate::camera::Renderer;
use crate::{SimError, Snapshot, World};

/// The newest pictures, still undrawn until asked for.
pub(super) struct Eyes {
    renderer: Renderer,
    period: Duration,
    next_shutter: Stamp,
    /// What the shutter has seen and nobody can look at yet.
    exposed: Snapshot,
    visible_at: Option<Stamp>,
    visible: Snapshot,
    has_visible: bool,
    frames: Vec<Drawn>,
}

struct Drawn {
    frame: Frame,
    is_current: bool,
}

impl Eyes {
    pub(super) fn new(world: &World) -> Result<Self, SimError> {
        let cameras = &world.config().cameras;
        let frames = cameras
            .iter()
            .map(|camera| Frame::black(camera.width_px, camera.height_px))
            .map(|frame| Drawn { frame, is_current: false })
            .collect();
        Ok(Self {
            renderer: Renderer::new(),
            period: world.config().camera_period,
            next_shutter: Stamp::ORIGIN,
            exposed: world.new_snapshot()?,
            visible_at: None,
            visible: world.new_snapshot()?,
            has_visible: false,
            frames,
        })
    }

    /// Forgets all pictures: those of the episode before show another table.
    pub(super) fn forget(&mut self) {
        (self.visible_at, self.has_visible) = (None, false);
        self.next_shutter = Stamp::ORIGIN;
        for drawn in &mut self.frames {
            drawn.is_current = false;
        }
    }

    /// After a physics step: opens the shutter when it is due, and lets pictures arrive.
    pub(super) fn look(&mut self, world: &World, latency: Duration) {
        let now = world.now();
        if now >= self.next_shutter {
            // From the due time, not from now: the rate stays exact over rounding to steps.
            let late = self.next_shutter.age_at(now) > self.period;
            self.next_shutter = if late { now } else { self.next_shutter }.after(self.period);
            world.snapshot_into(&mut self.exposed);
            self.visible_at = Some(now.after(latency));
        }
        if self.visible_at.take_if(|at| *at <= now).is_some() {
            core::mem::swap(&mut self.exposed, &mut self.visible);
            self.has_visible = true;
            for drawn in &mut self.frames {
                drawn.is_current = false;
            }
        }
    }

    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.has_visible.then(|| self.visible.stamp())
    }

    pub(super) fn frame(&mut self, camera: usize) -> Option<&Frame> {
        if !self.has_visible {
            return None;
        }
        let drawn = self.frames.get_mut(camera)?;
        if !drawn.is_current {
            self.visible.render(&mut self.renderer, camera, &mut drawn.frame);
            drawn.is_current = true;
        }
        Some(&drawn.frame)
    }
}
