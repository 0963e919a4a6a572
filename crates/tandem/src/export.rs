//! `tandem export`: a bundle's networks as ONNX.

use crate::arguments::Export;
use crate::failure::Failure;

pub(crate) fn run(arguments: &Export) -> Result<(), Failure> {
    for file in tandem_learn::export(&arguments.bundle)? {
        println!("{}", file.display());
    }
    Ok(())
}
