//! System 2: the slow vision-language model that says what the arm should be doing.
//!
//! A [`Model`] is a System 2 bundle on an engine. It is given an [`Instruction`] and, about eight
//! times a second, the newest pictures and the measured joints; each time it overwrites a
//! [`LatentGoal`](tandem_types::LatentGoal) with its answer. The [`Tokenizer`] turns the
//! instruction's words into the ids the model was trained on.
//!
//! ```
//! use tandem_system2::{Tokenizer, UNKNOWN};
//!
//! let tokenizer = Tokenizer::new(&["touch".into(), "the".into(), "ball".into()], 4);
//! let tokens = tokenizer.encode("Touch the crimson ball!");
//! assert_eq!(tokens.ids, [2, 3, UNKNOWN, 4]);
//! assert_eq!(tokens.unknown, ["crimson"]);
//! ```
//!
//! What this crate does not do: it reads no clock, owns no thread and paces nothing; the runtime
//! calls it on a thread that may be late or die without any effect on the control tick. Thinking
//! allocates inside the engine and has no bound in time.

mod model;
mod tokenizer;

pub use model::{Instruction, LoadError, Model, Scene, ThinkError};
pub use tokenizer::{PADDING, Tokenizer, Tokens, UNKNOWN};
