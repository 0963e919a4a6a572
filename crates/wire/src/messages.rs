//! One module per message; the `.msg` of the same name says what the bytes are.

mod control_reply;
mod control_request;
mod episode_reply;
mod episode_request;
mod heartbeat;
mod image;
mod instruction;
mod intervention;
mod joint_command;
mod joint_state;
mod policy_reply;
mod policy_request;
mod receipt;
mod report;
mod status;
mod truth;

pub use control_reply::ControlReply;
pub use control_request::{ControlKind, ControlRequest};
pub use episode_reply::EpisodeReply;
pub use episode_request::EpisodeRequest;
pub use heartbeat::Heartbeat;
pub use image::{Image, ImageError, decode_frame_into};
pub use instruction::Instruction;
pub use intervention::Intervention;
pub use joint_command::JointCommand;
pub use joint_state::{JointState, StateError};
pub use policy_reply::{PolicyBundle, PolicyReply};
pub use policy_request::{PolicyKind, PolicyRequest};
pub use receipt::{Receipt, Refusal};
pub use report::{Counter, Distribution, Report, Text};
pub use status::Status;
pub use truth::Truth;
