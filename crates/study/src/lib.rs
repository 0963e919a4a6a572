//! The compression gap, measured: what a policy's success owes to the bits that reach it, and to
//! the bits in which it may answer.
//!
//! A discrete policy says its actions in tokens, and tokens have a capacity: by the data-processing
//! inequality no observation, however sharp, passes more than that to the motors (arXiv 2604.03191).
//! Here both sides are known. The place of an object reaches the policy through a [`Channel`] of
//! known bits; its action leaves through a [`Code`] of known bits, or through none. One trunk, one
//! task ([`Reach`]), one expert; a [`Recipe`] names what is varied, a [`Cell`] holds what one
//! policy did, and a [`Plan`] lists the cells of a study. [`run`] measures those that a [`Store`]
//! does not have yet, and [`Results`] say what they mean together.
//!
//! A policy looks once or always ([`Looks`]). Only for one look is the inequality a bound on the
//! task: the whole motion is one chunk, decided before the first move. A policy that looks again at
//! every step has as many chunks as steps, and a coarse codebook can still creep to the goal.
//!
//! ```
//! use tandem_study::{Channel, Code, Looks, Part, Plan};
//!
//! // Two coordinates of three bits each: the bound on what any action can know of the place.
//! assert_eq!(2.0 * Channel::Quantised { bits: 3 }.information_bits(), 6.0);
//! let plan = Plan::quick(3);
//! assert!(plan.recipes(&Part::ALL).iter().any(|recipe| {
//!     recipe.looks == Looks::Once && recipe.code == Code::Vq { books: 1, codes: 16 }
//! }));
//! ```
//!
//! Where nobody knows the bits, on pictures, [`run_pictures`] crosses representations with a weak and
//! a strong [`Backbone`].
//!
//! What this crate does not do: it drives no robot, defines no network and no tokenizer. Threading:
//! its runs start threads that end with them, and the numbers do not depend on how many. Everything
//! random comes from seeds.

mod cell;
mod channel;
mod code;
mod data;
mod error;
mod figures;
mod flight;
mod information;
mod measure;
mod page;
mod pictures;
mod plan;
mod policy;
mod reach;
mod results;
mod run;
mod store;
mod svg;

pub use cell::{Bits, Cell, Effort, Errors, Flights, Recipe, key};
pub use channel::Channel;
pub use code::{Code, Coder, OatAutoencoder};
pub use data::{Demonstrations, Looks};
pub use error::StudyError;
pub use figures::figures;
pub use flight::{Arena, Flown};
pub use measure::{Ground, measure};
pub use page::{refresh, table};
pub use pictures::{
    Backbone, PictureCell, PictureEffort, PictureGain, PictureJob, PicturePlan, PictureProgress,
    PictureRecipe, PictureResults, PictureRow, run_pictures, weak_backbone,
};
pub use plan::{Part, Plan, STRONG, WEAK};
pub use reach::{Reach, Start, Timing};
pub use results::{GAIN_TOLERANCE_MM, Gain, Interval, Rate, Results, Row, Share, TOLERANCES_MM};
pub use run::{StudyJob, StudyProgress, fingerprint, fly_expert, run};
pub use store::{Store, write_atomically};
pub use svg::{Axis, Chart, Point, Series};
