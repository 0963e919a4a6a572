//! What can go wrong in a study.

use std::path::PathBuf;

/// A study that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A cell cannot be measured.
    #[error("{recipe}: {error}")]
    Recipe {
        /// How the policy looks and writes.
        recipe: String,
        /// What is wrong.
        error: Box<StudyError>,
    },
    /// A policy cannot be trained.
    #[error(transparent)]
    Train(Box<tandem_learn::TrainError>),
    /// A trained tokenizer cannot run.
    #[error(transparent)]
    Tokenizer(Box<tandem_learn::ReadyError>),
    /// A head cannot answer.
    #[error(transparent)]
    Step(#[from] tandem_system1::StepError),
    /// A bundle cannot be read.
    #[error(transparent)]
    Bundle(Box<tandem_bundle::BundleError>),
    /// A bundle cannot serve as System 1.
    #[error(transparent)]
    System1(Box<tandem_system1::LoadError>),
    /// A bundle cannot serve as System 2.
    #[error(transparent)]
    System2(Box<tandem_system2::LoadError>),
    /// Both systems stopped acting.
    #[error(transparent)]
    Pair(#[from] tandem_evaluate::PairError),
    /// A bundle looks through a camera that the world does not have.
    #[error("the scenario has no camera `{name}`: add that [[camera]]")]
    Camera {
        /// Its name.
        name: String,
    },
    /// A worker died.
    #[error("a thread of the study panicked; what it said stands above")]
    Worker,
    /// The world cannot be laid.
    #[error(transparent)]
    World(#[from] tandem_sim::SimError),
    /// World and controller cannot be put together.
    #[error(transparent)]
    Lockstep(#[from] tandem_sim::LockstepError),
    /// The expert cannot drive this robot.
    #[error(transparent)]
    Expert(#[from] tandem_sim::ExpertError),
    /// A chunk cannot be written as tokens.
    #[error(transparent)]
    Encode(#[from] tandem_actions::EncodeError),
    /// Tokens are no chunk.
    #[error(transparent)]
    Decode(#[from] tandem_actions::DecodeError),
    /// Codebooks cannot be fitted.
    #[error(transparent)]
    Vq(#[from] tandem_actions::VqError),
    /// Levels make no codebook.
    #[error(transparent)]
    Fsq(#[from] tandem_actions::FsqError),
    /// No principal components.
    #[error(transparent)]
    Principal(#[from] tandem_actions::PrincipalError),
    /// A quantiser that does not fit its autoencoder.
    #[error(transparent)]
    Oat(#[from] tandem_actions::OatError),
    /// A chunk of no size.
    #[error(transparent)]
    Shape(#[from] tandem_actions::ShapeError),
    /// Actions that cannot be scaled.
    #[error(transparent)]
    Normaliser(#[from] tandem_actions::NormaliserError),
    /// The robot does not move.
    #[error("no joint moves in the demonstrations; the study needs an arm that reaches")]
    Still,
    /// A file of the study cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the study is no such file.
    #[error("{}: {source}; delete it, and the next run makes it anew", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Cells cannot be written down.
    #[error("a cell that cannot be written as JSON: {0}")]
    Cell(serde_json::Error),
}

/// Large errors live in a box, so that a result of this crate stays small.
macro_rules! boxed {
    ($($source:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$source> for StudyError {
            fn from(error: $source) -> Self {
                Self::$variant(Box::new(error))
            }
        }
    )+};
}

boxed!(
    tandem_learn::TrainError => Train,
    tandem_learn::ReadyError => Tokenizer,
    tandem_bundle::BundleError => Bundle,
    tandem_system1::LoadError => System1,
    tandem_system2::LoadError => System2,
);
