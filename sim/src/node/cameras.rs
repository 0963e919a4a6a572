//! The cameras' thread: from snapshots to pictures on the bus.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use nalgebra::Point3;
use tandem_bus::{Bus, Keys, Publisher};
use tandem_types::Frame;
use tandem_wire::Image;

use super::NodeError;
use super::publications::Due;
use crate::camera::{Renderer, View};
use crate::{Snapshot, World};

/// The name of the picture for people.
const SPECTATOR: &str = "spectator";
/// Its size, pixels, and every how many pictures of the cameras there is one.
const SPECTATOR_PX: [usize; 2] = [320, 240];
const SPECTATOR_EVERY: u64 = 3;

pub(super) struct Cameras {
    darkroom: Darkroom,
    drawing: Drawing,
}

/// The physics thread's end: opens the shutters.
pub(super) struct Darkroom {
    due: Due,
    exposed: SyncSender<Snapshot>,
    used: Receiver<Snapshot>,
}

/// The camera thread's end: draws and publishes.
pub(super) struct Drawing {
    exposed: Receiver<Snapshot>,
    used: SyncSender<Snapshot>,
    renderer: Renderer,
    channels: Vec<Channel>,
    spectator: Option<(View, Channel)>,
    pictures: u64,
}

/// One camera's way to the bus.
struct Channel {
    frame: Frame,
    image: Image,
    publisher: Publisher<Image>,
}

impl Cameras {
    pub(super) fn new(
        bus: &Bus,
        keys: &Keys,
        world: &World,
        with_spectator: bool,
    ) -> Result<Self, NodeError> {
        let config = world.config();
        let mut channels = Vec::with_capacity(config.cameras.len());
        for camera in &config.cameras {
            let size_px = [camera.width_px, camera.height_px];
            channels.push(Channel::new(bus, keys, &camera.name, size_px)?);
        }
        let spectator = if with_spectator {
            let [eye, target] = [config.spectator.eye_m, config.spectator.target_m]
                .map(|point| Point3::from(point.map(|value| value as f32)));
            let fov = config.spectator.vertical_fov_rad as f32;
            let view = View::looking_at(eye, target, fov);
            Some((view, Channel::new(bus, keys, SPECTATOR, SPECTATOR_PX)?))
        } else {
            None
        };
        // Two snapshots go round: one being drawn, one ready for the next shutter.
        let (exposed_sender, exposed) = sync_channel(1);
        let (used_sender, used) = sync_channel(2);
        for _ in 0..2 {
            used_sender.try_send(world.new_snapshot()?).ok();
        }
        let due = Due::every(config.camera_period);
        let (renderer, pictures) = (Renderer::new(), 0);
        Ok(Self {
            darkroom: Darkroom { due, exposed: exposed_sender, used },
            drawing: Drawing {
                exposed,
                used: used_sender,
                renderer,
                channels,
                spectator,
                pictures,
            },
        })
    }

    pub(super) fn split(self) -> (Darkroom, Drawing) {
        (self.darkroom, self.drawing)
    }
}

impl Darkroom {
    /// After a step: takes a snapshot if one is due. When the drawing is behind, the picture is
    /// left out, as a camera without a free buffer would.
    pub(super) fn expose(&mut self, world: &World) {
        if !self.due.is_due(world.now()) {
            return;
        }
        let Ok(mut snapshot) = self.used.try_recv() else {
            tracing::debug!("picture left out: drawing is behind");
            return;
        };
        world.snapshot_into(&mut snapshot);
        // There are as many snapshots as places, so this cannot be full; closed means the end.
        self.exposed.try_send(snapshot).ok();
    }
}

impl Drawing {
    /// Draws whatever comes, until the physics ends.
    pub(super) fn run(mut self) -> Result<(), NodeError> {
        while let Ok(snapshot) = self.exposed.recv() {
            self.draw(&snapshot)?;
            self.used.try_send(snapshot).ok();
        }
        Ok(())
    }

    fn draw(&mut self, snapshot: &Snapshot) -> Result<(), NodeError> {
        for (camera, channel) in self.channels.iter_mut().enumerate() {
            snapshot.render(&mut self.renderer, camera, &mut channel.frame);
            channel.publish()?;
        }
        self.pictures += 1;
        if let Some((view, channel)) = &mut self.spectator
            && self.pictures.is_multiple_of(SPECTATOR_EVERY)
        {
            let scenery = snapshot.scenery();
            self.renderer.render(scenery, view, self.pictures, &mut channel.frame);
            channel.frame.stamp = snapshot.stamp();
            channel.publish()?;
        }
        Ok(())
    }
}

impl Channel {
    fn new(bus: &Bus, keys: &Keys, name: &str, size_px: [usize; 2]) -> Result<Self, NodeError> {
        let [width_px, height_px] = size_px;
        Ok(Self {
            frame: Frame::black(width_px, height_px),
            image: Image { frame_id: name.to_owned(), ..Image::default() },
            publisher: bus.publisher(&keys.camera(name)?)?,
        })
    }

    fn publish(&mut self) -> Result<(), NodeError> {
        if let Err(error) = self.image.set_frame(&self.frame) {
            tracing::error!(%error, "picture cannot be published");
            return Ok(());
        }
        Ok(self.publisher.send(&self.image)?)
    }
}
