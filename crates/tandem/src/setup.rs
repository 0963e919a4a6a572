//! `tandem setup`: the only command that downloads.

use tandem_inference::SetupStep;

use crate::arguments::{Setup, SetupWhat};
use crate::failure::Failure;

pub(crate) fn run(arguments: &Setup) -> Result<(), Failure> {
    match arguments.what {
        SetupWhat::Onnxruntime => {
            let library = tandem_inference::setup_onnxruntime(|step| eprintln!("{}", say(step)))?;
            println!("{}", library.display());
            Ok(())
        }
    }
}

const fn say(step: SetupStep) -> &'static str {
    match step {
        SetupStep::Waiting => "looking whether another set-up is at work",
        SetupStep::Downloading => "fetching the Python wheel, about 28 MB",
        SetupStep::Verifying => "comparing its SHA-256",
        SetupStep::Unpacking => "taking the library out",
        SetupStep::Loading => "loading it once",
    }
}
